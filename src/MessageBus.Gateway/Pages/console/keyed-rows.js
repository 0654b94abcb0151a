import { setText } from './dom.js';

/**
 * @template Item
 * @typedef {{ row: HTMLTableRowElement, update: (item: Item) => void }} Row
 */

/**
 * The rows of a table that is refreshed every few seconds. A row keeps its element, so that focus and pointer stay in place.
 * @template Item
 */
export class KeyedRows {
  /** @type {Map<string, Row<Item>>} */
  #rows = new Map();
  #body;
  #keyOf;
  #make;

  /**
   * @param {HTMLTableSectionElement} body
   * @param {(item: Item) => string} keyOf
   * @param {(item: Item) => Row<Item>} make
   */
  constructor(body, keyOf, make) {
    this.#body = body;
    this.#keyOf = keyOf;
    this.#make = make;
  }

  /** @param {Item[]} items in their order */
  show(items) {
    const focused = document.activeElement;
    const place = this.#placeOf(focused);
    const keys = new Set(items.map(this.#keyOf));
    for (const [key, { row }] of this.#rows) {
      if (!keys.has(key)) {
        row.remove();
        this.#rows.delete(key);
      }
    }

    let next = this.#body.firstElementChild;
    for (const item of items) {
      const shown = this.#rowOf(item);
      shown.update(item);
      if (shown.row === next) {
        next = next.nextElementSibling;
      } else {
        this.#body.insertBefore(shown.row, next);
      }
    }
    this.#keepFocus(focused, place);
  }

  clear() {
    this.#rows.clear();
    this.#body.replaceChildren();
  }

  /** @param {Item} item */
  #rowOf(item) {
    const key = this.#keyOf(item);
    const row = this.#rows.get(key) ?? this.#make(item);
    this.#rows.set(key, row);
    return row;
  }

  /** @param {Element | null} focused */
  #placeOf(focused) {
    return focused && this.#body.contains(focused) ? [...this.#body.children].findIndex(row => row.contains(focused)) : -1;
  }

  /**
   * Restores the focus of a moved row. The focus of a removed row goes to the row in its place, or to the section.
   * @param {Element | null} focused
   * @param {number} place
   */
  #keepFocus(focused, place) {
    if (place < 0 || document.activeElement === focused) {
      return;
    }
    const heir = this.#body.contains(focused)
      ? focused
      : this.#body.children[Math.min(place, this.#body.children.length - 1)]?.querySelector('button:not(:disabled), summary') ?? this.#body.closest('section');
    if (heir instanceof HTMLElement) {
      heir.focus({ preventScroll: true });
    }
  }
}

/**
 * A cell with its label, for narrow windows, where the table has no head.
 * @param {HTMLTableRowElement} row
 * @param {string} label
 * @param {string} [className]
 */
export function cell(row, label, className = '') {
  const made = row.insertCell();
  made.className = className;
  made.dataset.label = label;
  return made;
}

/**
 * A cell with text from a client: isolated, whatever its direction.
 * @param {HTMLTableRowElement} row
 * @param {string} label
 * @param {string} [className]
 */
export function nameCell(row, label, className = '') {
  const name = document.createElement('bdi');
  cell(row, label, className).append(name);
  return {
    /** @param {string} text */
    show(text) {
      setText(name, text);
      name.title = text;
    },
  };
}
