import { element, grouped } from './dom.js';

/** Screen readers hear of new messages no more often than this, ms. */
const ANNOUNCE_EVERY = 3_000;

/** What a screen reader hears of the messages: the message where there is one, a number where there are many. */
export class Announcer {
  #target = element('announcer', HTMLParagraphElement);
  #count = 0;
  #last = '';

  constructor() {
    setInterval(() => this.#announce(), ANNOUNCE_EVERY);
  }

  /** @param {string} text */
  add(text) {
    this.#count++;
    this.#last = text;
  }

  #announce() {
    if (this.#count > 0) {
      this.#target.textContent = this.#count === 1 ? this.#last : `${grouped(this.#count)} new messages`;
      this.#count = 0;
    }
  }
}
