/** @typedef {import('./environment.js').Clock} Clock */

/** Share of its life after which a token is exchanged for the next one. */
const RENEW_AT = 0.8;
/** Between attempts to renew, at least, ms. */
const SHORTEST_RETRY = 1_000;

/** The token in use, and when it needs to be replaced. Only the worker has it. */
export class Token {
  #clock;
  /** @type {string | undefined} */
  #value;
  #renewAt = Infinity;
  #expiresAt = Infinity;

  /**
   * @param {Clock} clock
   * @param {string} [value]
   */
  constructor(clock, value) {
    this.#clock = clock;
    this.#value = value;
  }

  /** Undefined when a new one must be fetched first. */
  get current() {
    return this.#clock.now() < this.#renewAt ? this.#value : undefined;
  }

  /** @param {string} value */
  replace(value) {
    this.#value = value;
    this.#renewAt = this.#expiresAt = Infinity;
  }

  discard() {
    this.#value = undefined;
  }

  /** The gateway has accepted it. @param {number | undefined} seconds that it lives */
  lives(seconds) {
    const life = (seconds ?? Infinity) * 1_000;
    this.#expiresAt = this.#clock.now() + life;
    this.#renewAt = this.#clock.now() + life * RENEW_AT;
  }

  /** The next one could not be had: again in half of the time that is left. */
  renewLater() {
    const now = this.#clock.now();
    this.#renewAt = now + Math.max(SHORTEST_RETRY, (this.#expiresAt - now) / 2);
  }

  /** Until it should be renewed, ms; Infinity where it does not expire. */
  get renewIn() {
    return this.#renewAt - this.#clock.now();
  }
}

/**
 * Whose token it is, where it is a JWT (RFC 7519) that says so. Nothing is verified here: that is the gateway's.
 * @param {string} token
 * @returns {string | undefined}
 */
export function subjectOf(token) {
  try {
    const { sub } = JSON.parse(atob((token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/')));
    return typeof sub === 'string' ? sub : undefined;
  } catch {
    return undefined;
  }
}
