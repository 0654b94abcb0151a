import { Backoff } from './backoff.js';
import { ACK_EVERY } from '../port.js';

/**
 * @typedef {import('./environment.js').Environment} Environment
 * @typedef {import('./hubs.js').WorkerPort} WorkerPort
 * @typedef {import('../port.js').ToPage} ToPage
 * @typedef {import('../port.js').ToWorker} ToWorker
 * @typedef {Exclude<ToWorker, { type: 'open' | 'token' | 'ack' }>} ForHub
 */

/** What may wait for a page before it counts as asleep. */
const MAX_WAITING_MESSAGES = 100_000;
const MAX_WAITING_LENGTH = 64 * 1024 * 1024;
/** For a page to get a token, ms. A page that sleeps never answers. */
const TOKEN_DEADLINE = 10_000;

/** A page, seen from the worker. */
export class Tab {
  #port;
  #environment;
  /** @type {(token?: string) => void} */
  #onToken = () => {};
  /** Of the publications that were sent and not yet acknowledged. @type {number[]} */
  #lengths = [];
  #waitingLength = 0;
  #isAsleep = false;
  isGone = false;
  hasToken = false;
  /** @type {import('./hub.js').Hub | undefined} */
  hub;
  #onOpen;

  /**
   * @param {WorkerPort} port
   * @param {Environment} environment
   * @param {(tab: Tab, open: import('../port.js').Open) => void} onOpen
   */
  constructor(port, environment, onOpen) {
    this.#port = port;
    this.#onOpen = onOpen;
    this.#environment = environment;
    port.onmessage = ({ data }) => this.#receive(data);
  }

  /** @param {ToPage} message */
  post(message) {
    this.#port.postMessage(message);
  }

  /** A page that takes nothing, frozen or stopped in a debugger, must not fill the memory. @param {import('../port.js').Publication} publication */
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
    return new Promise((resolve, reject) => {
      const fail = () => reject({ code: 'token_failed' });
      this.#environment.clock.setTimeout(fail, TOKEN_DEADLINE);
      this.#onToken = token => token ? resolve(token) : fail();
      this.post({ type: 'token' });
    });
  }

  /** Without it nobody knows whose page this is. It is asked for until it comes, or the page goes. */
  async firstToken() {
    const { clock, random } = this.#environment;
    for (const backoff = new Backoff(random); !this.isGone;) {
      try {
        return await this.askToken();
      } catch {
        const delay = backoff.next();
        this.post({ type: 'status', status: { state: 'waiting', reason: 'token_failed', attempt: backoff.attempt, retryAt: clock.now() + delay } });
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
        return this.#onOpen(this, message);
      case 'token':
        return this.#onToken(message.token);
      case 'ack':
        return this.#acknowledged();
      default:
        return this.hub?.receive(this, message);
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
      this.#onToken();
      this.hub?.leave(this);
    }
  }
}
