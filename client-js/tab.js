import { MessageBusError } from './error.js';
import { ACK_EVERY } from './port.js';

/**
 * @typedef {import('./environment.js').Environment} Environment
 * @typedef {import('./hubs.js').WorkerPort} WorkerPort
 * @typedef {import('./port.js').ToPage} ToPage
 * @typedef {import('./port.js').ToWorker} ToWorker
 */

/** What may wait for a page before it counts as asleep. */
const MAX_WAITING_MESSAGES = 100_000;
const MAX_WAITING_LENGTH = 64 * 1024 * 1024;
/** For a page to get a token, ms. A page that sleeps never answers. */
const TOKEN_DEADLINE = 10_000;
const FIRST_TOKEN_RETRY = 1_000;
const LONGEST_TOKEN_RETRY = 30_000;

/** A page, seen from the worker. */
export class Tab {
  #port;
  #environment;
  /** @type {(token: string | undefined) => void} */
  #onToken = () => {};
  /** Of the publications that were sent and not yet acknowledged. @type {number[]} */
  #lengths = [];
  #waitingLength = 0;
  #isAsleep = false;
  isGone = false;
  hasToken = false;
  /** @type {(open: import('./port.js').Open) => void} */
  onOpen = () => {};
  /** @type {(message: ToWorker) => void} */
  onMessage = () => {};
  onGone = () => {};

  /**
   * @param {WorkerPort} port
   * @param {Environment} environment
   */
  constructor(port, environment) {
    this.#port = port;
    this.#environment = environment;
    port.onmessage = ({ data }) => this.#receive(data);
  }

  /** @param {ToPage} message */
  post(message) {
    this.#port.postMessage(message);
  }

  /** A page that takes nothing, frozen or stopped in a debugger, must not fill the memory. @param {import('./port.js').Publication} publication */
  deliver(publication) {
    if (this.#isAsleep) {
      return;
    }
    const { length } = publication.payload;
    if (this.#lengths.length >= MAX_WAITING_MESSAGES || this.#waitingLength + length > MAX_WAITING_LENGTH) {
      this.#isAsleep = true;
      return;
    }
    this.#waitingLength += length;
    this.#lengths.push(length);
    this.post(publication);
  }

  /** The page's token. Rejects where it has none to give. @returns {Promise<string>} */
  askToken() {
    const { clock } = this.#environment;
    return new Promise((resolve, reject) => {
      const answer = (/** @type {string | undefined} */ token) => {
        clock.clearTimeout(deadline);
        if (typeof token === 'string') {
          resolve(token);
        } else {
          reject(new MessageBusError('token_failed', 'The page gave no token.'));
        }
      };
      const deadline = clock.setTimeout(() => answer(undefined), TOKEN_DEADLINE);
      this.#onToken = answer;
      this.post({ type: 'token' });
    });
  }

  /** Without it nobody knows whose page this is. It is asked for until it comes, or the page goes. */
  async firstToken() {
    const { clock } = this.#environment;
    for (let delay = FIRST_TOKEN_RETRY, attempt = 1; !this.isGone; delay = Math.min(LONGEST_TOKEN_RETRY, 2 * delay), attempt++) {
      try {
        return await this.askToken();
      } catch {
        this.post({ type: 'status', status: { state: 'waiting', reason: 'token_failed', attempt, retryAt: clock.now() + delay } });
        await new Promise(done => clock.setTimeout(() => done(0), delay));
      }
    }
    return undefined;
  }

  /** @param {ToWorker} message */
  #receive(message) {
    switch (message.type) {
      case 'open':
        // Granted when the page is gone, however that came about.
        if (message.tab) {
          this.#environment.locks?.request(message.tab, () => this.gone());
        }
        this.hasToken = message.hasToken;
        return this.onOpen(message);
      case 'token':
        return this.#onToken(message.token);
      case 'ack':
        return this.#acknowledged();
      default:
        return this.onMessage(message);
    }
  }

  #acknowledged() {
    for (const length of this.#lengths.splice(0, ACK_EVERY)) {
      this.#waitingLength -= length;
    }
    if (this.#isAsleep && this.#lengths.length < ACK_EVERY) {
      this.#isAsleep = false;
      this.post({ type: 'gap', reason: 'page_asleep' });
    }
  }

  gone() {
    if (!this.isGone) {
      this.isGone = true;
      this.#port.onmessage = null;
      this.#onToken(undefined);
      this.onGone();
    }
  }
}
