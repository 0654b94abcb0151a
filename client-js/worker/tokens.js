import { Timers } from './timers.js';

/**
 * @typedef {import('../port.js').Failure} Failure
 * @typedef {import('./connection.js').Link} Link
 *
 * @typedef {object} TokensOptions
 * @property {string} [token] the first one
 * @property {() => Promise<string | null>} [getToken] the next ones, or a Failure; null: none, for an anonymous user. undefined where the site needs none
 */

/** Share of its life after which a token is exchanged for the next one. */
const RENEW_AT = 0.8;
/** After the next one could not be had, ms. */
const RENEW_RETRY = 10_000;

/** The token that a connection shows, and the next ones: each is exchanged before it expires. */
export class Tokens {
  /** null: the user is anonymous. @type {string | null | undefined} */
  current;
  #getToken;
  #clock;
  #timers;
  #onFailed;
  /** When the next one is due. */
  #renewAt = Infinity;
  /** The connection that stands. @type {Link | null} */
  #link = null;
  #refreshId = 0;

  /**
   * @param {TokensOptions} options
   * @param {import('./environment.js').Clock} clock
   * @param {(failure: Failure) => boolean} onFailed the next one could not be had for the connection that stands; says whether to try again
   */
  constructor({ token, getToken }, clock, onFailed) {
    this.current = token;
    this.#getToken = getToken;
    this.#clock = clock;
    this.#timers = new Timers(clock);
    this.#onFailed = onFailed;
  }

  /** The page can be asked for another. */
  get canRenew() {
    return !!this.#getToken;
  }

  /** Whether another has to be asked for before the next connection. */
  get isDue() {
    return this.canRenew && (this.current === undefined || this.#clock.now() >= this.#renewAt);
  }

  /** The one in use is not accepted, or will not be. */
  discard() {
    this.current = undefined;
  }

  /**
   * Asks for the next one. Rejects with a Failure.
   * @param {() => boolean} isWanted whether it still is, once it is there
   */
  async renew(isWanted) {
    const token = await this.#getToken?.();
    if (isWanted()) {
      this.current = token;
      this.#renewAt = Infinity;
    }
  }

  /**
   * The gateway has taken the one in use.
   * @param {Link} link
   * @param {number} [expires] s
   */
  attach(link, expires) {
    this.#link = link;
    this.#renewIn(expires);
  }

  /** The connection is gone. */
  detach() {
    this.#link = null;
    this.#refreshId = 0;
    this.#timers.clear();
  }

  /** @param {{ id: number, expires?: number }} message */
  refreshed({ id, expires }) {
    if (id === this.#refreshId) {
      this.#renewIn(expires);
    }
  }

  /** `error`. Says whether it was about the next one: the gateway closes with 4401 when the old one ends. @param {number | undefined} id */
  refuse(id) {
    const isRefused = !!id && id === this.#refreshId;
    if (isRefused) {
      this.discard();
    }
    return isRefused;
  }

  /** @param {number | undefined} expires */
  #renewIn(expires = Infinity) {
    const delay = expires * 1_000 * RENEW_AT;
    this.#renewAt = this.#clock.now() + delay;
    if (this.canRenew && delay < Infinity) {
      this.#timers.after(delay, () => this.#exchange());
    }
  }

  async #exchange() {
    const link = this.#link;
    const isWanted = () => !!link && link === this.#link;
    try {
      await this.renew(isWanted);
    } catch (error) {
      if (isWanted() && this.#onFailed(/** @type {Failure} */ (error))) {
        this.#timers.after(RENEW_RETRY, () => this.#exchange());
      }
      return;
    }
    if (link && this.current && isWanted()) {
      this.#refreshId = link.send({ type: 'refresh', token: this.current });
    }
  }
}
