import { element, grouped, oncePerFrame } from './dom.js';
import { matches, toRow } from './rows.js';

/** @typedef {import('./rows.js').Entry} Entry */

/** Rows that are shown, and kept for a change of the filter. */
const MAX_ROWS = 500;

/** The list of messages, newest first, with at most MAX_ROWS rows. */
export class Feed {
  #list = element('messages', HTMLOListElement);
  #empty = element('empty', HTMLParagraphElement);
  #pause = element('pause', HTMLButtonElement);
  #filter = element('filter', HTMLInputElement);
  /** Shown or filtered out, oldest first. @type {Entry[]} */
  #recent = [];
  /** Arrived since the last frame, or since the pause. @type {Entry[]} */
  #arrived = [];
  #missedInPause = 0;
  #paused = false;
  #draw = oncePerFrame(() => this.#drawArrived());

  constructor() {
    this.#pause.addEventListener('click', () => this.#togglePause());
    this.#filter.addEventListener('input', () => this.#redraw());
    element('clear', HTMLButtonElement).addEventListener('click', () => this.#clear());
    this.#showEmpty();
  }

  /** @param {Entry} entry */
  add(entry) {
    this.#arrived.push(entry);
    if (this.#arrived.length >= 2 * MAX_ROWS) {
      this.#arrived = this.#arrived.slice(-MAX_ROWS);
    }
    if (this.#paused) {
      this.#missedInPause++;
    }
    this.#draw();
  }

  #drawArrived() {
    if (this.#paused) {
      this.#pause.textContent = `Resume (${grouped(this.#missedInPause)} new)`;
      return;
    }
    const arrived = this.#arrived.slice(-MAX_ROWS);
    this.#arrived = [];
    this.#recent = [...this.#recent, ...arrived].slice(-MAX_ROWS);

    const rows = this.#rowsOf(arrived);
    if (rows.length <= 3) {
      rows.forEach(row => row.toggleAttribute('data-fresh', true));
    }
    this.#list.prepend(...rows);
    while (this.#list.childElementCount > MAX_ROWS) {
      this.#list.lastElementChild?.remove();
    }
    this.#showEmpty();
  }

  #redraw() {
    this.#list.replaceChildren(...this.#rowsOf(this.#recent));
    this.#showEmpty();
  }

  #togglePause() {
    this.#paused = !this.#paused;
    this.#missedInPause = 0;
    this.#pause.textContent = this.#paused ? 'Resume' : 'Pause';
    this.#pause.dataset.paused = String(this.#paused);
    if (!this.#paused) {
      this.#draw();
    }
  }

  #clear() {
    this.#recent = [];
    this.#arrived = [];
    this.#missedInPause = 0;
    this.#redraw();
    this.#draw();
  }

  #showEmpty() {
    this.#empty.hidden = this.#list.childElementCount > 0;
    this.#empty.textContent = this.#recent.length > 0
      ? 'No message matches the filter.'
      : 'No messages yet. Run the first line above in a terminal, or publish one.';
  }

  /** @param {Entry[]} entries */
  #rowsOf(entries) {
    const wanted = this.#filter.value.trim().toLowerCase();
    return entries.filter(entry => matches(entry, wanted)).map(toRow).reverse();
  }
}
