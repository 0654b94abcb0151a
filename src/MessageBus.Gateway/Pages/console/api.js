/** How long the gateway may take for an answer, in ms: then it counts as away. */
const PATIENCE = 10_000;

/** The gateway has refused, or did not answer. The message is for the operator. */
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

/** @typedef {Record<string, string | number>} Query empty values are left out */

/**
 * The REST API of the gateway that this page came from. The key is in no storage of the browser: the site's own pages often share the gateway's origin, and
 * whatever runs in one of them could read it there. It travels in a header, never in an address.
 */
export class Api {
  // Relative to the page: a proxy may have put both under a path of its own.
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
   * @returns {Promise<unknown>} undefined where the answer has none
   */
  async send(method, path, query = {}, body) {
    const response = await this.#fetch(path, query, { method, body: body ?? null, signal: AbortSignal.timeout(PATIENCE) });
    return response.status === 204 ? undefined : await read(response);
  }

  /**
   * An answer that goes on until the signal.
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
    throw new ApiError(0, 'The answer of the gateway cannot be read.');
  }
}

/**
 * The gateway says what is wrong as problem details (RFC 9457); a proxy in front of it may say something else.
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
    // Not the gateway's.
  }
  return `The answer is ${response.status} ${response.statusText}`.trim() + '.';
}
