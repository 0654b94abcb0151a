/** @typedef {import('./environment.js').Clock} Clock */

/** Timers that end together. */
export class Timers {
  /** @type {Set<unknown>} */
  #timers = new Set();
  #clock;

  /** @param {Clock} clock */
  constructor(clock) {
    this.#clock = clock;
  }

  /**
   * @param {number} ms
   * @param {() => void} act unless they are cleared before
   */
  after(ms, act) {
    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }

  clear() {
    this.#timers.forEach(timer => this.#clock.clearTimeout(timer));
    this.#timers.clear();
  }
}
