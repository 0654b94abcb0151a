const FIRST_RETRY = 500;
const LONGEST_RETRY = 30_000;

/** Full jitter: anywhere between at once and a limit that doubles, so that many clients do not come back together. */
export class Backoff {
  /** Connections that failed or were lost since the last one that held. */
  attempt = 0;
  #random;

  /** @param {() => number} random from 0 up to 1 */
  constructor(random) {
    this.#random = random;
  }

  /** ms to wait after another failure. */
  next() {
    return this.#random() * Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** this.attempt++);
  }
}
