import { element, grouped, oncePerFrame, setText } from './dom.js';

/** Counts messages and shows their rate. */
export class Meter {
  #totalText = element('total', HTMLSpanElement);
  #rateText = element('rate', HTMLSpanElement);
  #total = 0;
  #before = 0;
  #draw = oncePerFrame(() => setText(this.#totalText, grouped(this.#total)));

  constructor() {
    setInterval(() => {
      const rate = this.#total - this.#before;
      this.#before = this.#total;
      setText(this.#rateText, rate > 0 ? `, ${grouped(rate)}/s` : '');
    }, 1_000);
  }

  add() {
    this.#total++;
    this.#draw();
  }
}
