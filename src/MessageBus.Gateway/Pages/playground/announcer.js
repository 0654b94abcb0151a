import { element, grouped } from './dom.js';

/** The shortest time between two announcements for screen readers, in ms. */
const ANNOUNCE_EVERY = 3_000;

/** Announces messages to screen readers: a single message with its text, several as a number. */
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
