/** The time limit for an answer, in ms; after it the gateway counts as unavailable. */
const PATIENCE = 10_000;

/** The gateway refused the request or did not answer. The message is for the operator. */
export class ApiError extends Error {
  /**
   * @param {number} status 0: no answer
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** @typedef {Record<string, string | number>} Query empty values are omitted */

/**
 * The HTTP API of the gateway that served this page. The key is not stored in the browser: pages of the site often share the gateway's origin and
 * could read it there. It is sent in a header, never in a URL.
 */
export class Api {
  // Relative to the page: a proxy can serve both below a path of its own.
  #base = new URL('../api/', document.baseURI);
  #key = '';

  /** @param {string} key '' for none */
  set key(key) {
    this.#key = key;
  }

  /**
   * @param {string} path
   * @param {Query} [query]
   * @returns {Promise<{ body: unknown, total: number, gateway: string }>}
   */
  async get(path, query = {}) {
    const response = await this.#fetch(path, query, { signal: AbortSignal.timeout(PATIENCE) });
    return {
      body: await read(response),
      total: Number(response.headers.get('X-Total-Count') ?? 0),
      gateway: response.headers.get('X-Gateway-Id') ?? '',
    };
  }

  /**
   * @param {'POST' | 'DELETE'} method
   * @param {string} path
   * @param {Query} [query]
   * @param {string} [body]
   * @returns {Promise<unknown>} undefined if the answer has no body
   */
  async send(method, path, query = {}, body) {
    const response = await this.#fetch(path, query, { method, body: body ?? null, signal: AbortSignal.timeout(PATIENCE) });
    return response.status === 204 ? undefined : await read(response);
  }

  /**
   * A streaming answer that ends with the signal.
   * @param {string} path
   * @param {Query} query
   * @param {AbortSignal} signal
   * @returns {Promise<ReadableStream<Uint8Array<ArrayBuffer>>>}
   */
  async open(path, query, signal) {
    const { body } = await this.#fetch(path, query, { signal });
    return body ?? new ReadableStream();
  }

  /**
   * @param {string} path
   * @param {Query} query
   * @param {RequestInit} init
   */
  async #fetch(path, query, init) {
    const address = new URL(path, this.#base);
    for (const [name, value] of Object.entries(query)) {
      if (value !== '') {
        address.searchParams.set(name, String(value));
      }
    }
    /** @type {Response} */
    let response;
    try {
      response = await fetch(address, { ...init, cache: 'no-store', headers: this.#key ? { 'X-Api-Key': this.#key } : {} });
    } catch (error) {
      throw init.signal?.aborted && !(init.signal.reason instanceof DOMException && init.signal.reason.name === 'TimeoutError')
        ? error
        : new ApiError(0, 'The gateway does not answer.');
    }
    if (!response.ok) {
      throw new ApiError(response.status, await problemOf(response));
    }
    return response;
  }
}

/** @param {Response} response */
async function read(response) {
  try {
    /** @type {unknown} */
    const body = await response.json();
    return body;
  } catch {
    throw new ApiError(0, 'The answer of the gateway is not readable.');
  }
}

/**
 * The gateway describes errors as problem details (RFC 9457); a proxy in front of it may use another format.
 * @param {Response} response
 */
async function problemOf(response) {
  try {
    /** @type {unknown} */
    const problem = await response.json();
    if (typeof problem === 'object' && problem !== null && 'detail' in problem && typeof problem.detail === 'string') {
      return problem.detail;
    }
  } catch {
    // Not problem details.
  }
  return `The answer is ${response.status} ${response.statusText}`.trim() + '.';
}
