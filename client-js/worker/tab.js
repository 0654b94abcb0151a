import { Backoff } from '../backoff.js';
import { ACK_EVERY } from '../port.js';

/**
 * @typedef {import('./environment.js').Environment} Environment
 * @typedef {import('../port.js').WorkerPort} WorkerPort
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
  /** @type {(message?: { token?: string | null, failure?: import('../port.js').Failure }) => void} */
  #onToken = () => {};
  /** The next attempt to get one need not be waited for. */
  #retryToken = () => {};
  /** Of the publications that were sent and not yet acknowledged. @type {number[]} */
  #lengths = [];
  #waitingLength = 0;
  #isAsleep = false;
  isGone = false;
  hasToken = false;
  debug = false;
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
    port.listen(message => this.#receive(message));
  }

  /** @param {ToPage} message */
  post(message) {
    this.#port.post(message);
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

  /** The page's token; null: it connects as nobody. Rejects with a Failure where it has none to give. @returns {Promise<string | null>} */
  askToken() {
    const { clock } = this.#environment;
    return new Promise((resolve, reject) => {
      const deadline = clock.setTimeout(() => this.#onToken(), TOKEN_DEADLINE);
      this.#onToken = ({ token, failure = { code: 'token_failed' } } = {}) => {
        clock.clearTimeout(deadline);
        token || token === null ? resolve(token) : reject(failure);
      };
      this.post({ type: 'token' });
    });
  }

  /** Without it nobody knows whose page this is. It is asked for until it comes, or the page goes. */
  async firstToken() {
    const { clock, random } = this.#environment;
    for (const backoff = new Backoff(random); !this.isGone;) {
      try {
        return await this.askToken();
      } catch (error) {
        if (/** @type {import('../port.js').Failure} */ (error).code === 'unauthorized') {
          this.post({ type: 'status', status: { state: 'closed', reason: 'unauthorized' } });
          this.gone();
          break;
        }
        const delay = backoff.next();
        this.post({ type: 'status', status: { state: 'waiting', reason: 'token_failed', attempt: backoff.attempt, retryAt: clock.now() + delay } });
        await new Promise(done => {
          const timer = clock.setTimeout(() => done(0), delay);
          this.#retryToken = () => {
            clock.clearTimeout(timer);
            done(0);
          };
        });
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
        this.debug = !!message.debug;
        return this.#onOpen(this, message);
      case 'token':
        return this.#onToken(message);
      case 'ack':
        return this.#acknowledged();
      default:
        return this.hub ? this.hub.receive(this, message) : this.#receiveEarly(message);
    }
  }

  /** Before it has a hub. @param {ForHub} message */
  #receiveEarly({ type }) {
    if (type === 'connect') {
      this.#retryToken();
    } else if (type === 'close') {
      this.gone();
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
      this.#port.listen(() => {});
      this.#onToken();
      this.#retryToken();
      this.hub?.leave(this);
    }
  }
}
