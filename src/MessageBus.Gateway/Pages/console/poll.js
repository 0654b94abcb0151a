import { ApiError } from './api.js';

/** ms */
const INTERVAL = 2_000;

/** @typedef {{ load: () => Promise<() => void> }} Part asks the gateway; what it returns shows the answer */

/** Refreshes every two seconds, and at once after an action. One request at a time. */
export class Poll {
  /** Pauses the display. */
  isHeld = false;
  #timer = 0;
  /** Each start is a new round; results of older rounds are dropped. */
  #round = 0;
  #isAsking = false;
  #parts;
  #onError;

  /**
   * @param {Part[]} parts
   * @param {(error: ApiError) => void} onError
   */
  constructor(parts, onError) {
    this.#parts = parts;
    this.#onError = onError;
  }

  start() {
    this.#round++;
    this.now();
  }

  stop() {
    this.#round++;
    clearTimeout(this.#timer);
  }

  /** Shows the result of an action even while the page is on hold. */
  now() {
    clearTimeout(this.#timer);
    this.#ask(true);
  }

  /** @param {boolean} isWanted */
  async #ask(isWanted) {
    if (this.#isAsking) {
      this.#timer = setTimeout(() => this.#ask(isWanted), 100);
      return;
    }
    const round = this.#round;
    this.#isAsking = true;
    try {
      if (isWanted || !this.isHeld) {
        const shows = await Promise.all(this.#parts.map(part => part.load()));
        if (round === this.#round) {
          shows.forEach(show => show());
        }
      }
    } catch (error) {
      if (round === this.#round) {
        this.#onError(error instanceof ApiError ? error : new ApiError(0, String(error)));
      }
    } finally {
      this.#isAsking = false;
    }
    if (round === this.#round) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#ask(false), INTERVAL);
    }
  }
}
