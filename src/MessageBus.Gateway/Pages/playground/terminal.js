import { element, setText } from './dom.js';

/** The equivalent commands for a terminal. */
export class Terminal {
  #publishLine = element('redis-line', HTMLElement);
  #watchLine = element('redis-watch-line', HTMLElement);
  #redisCli = 'redis-cli';
  #channel = '';

  constructor() {
    for (const button of document.querySelectorAll('[data-copies]')) {
      if (button instanceof HTMLButtonElement) {
        button.addEventListener('click', () => this.#copy(button));
      }
    }
  }

  /** @param {string} redisCli how to reach the broker, from the gateway's configuration */
  use(redisCli) {
    this.#redisCli = redisCli;
    this.show(this.#channel);
  }

  /** @param {string} channel */
  show(channel) {
    this.#channel = channel;
    const quoted = quote(channel);
    setText(this.#publishLine, `${this.#redisCli} PUBLISH ${quoted} "Hello from a terminal"`);
    setText(this.#watchLine, `${this.#redisCli} SUBSCRIBE ${quoted}`);
  }

  /** @param {HTMLButtonElement} button */
  async #copy(button) {
    const line = element(button.dataset.copies ?? '', HTMLElement);
    try {
      await navigator.clipboard.writeText(line.textContent ?? '');
      button.textContent = 'Copied';
    } catch {
      // No clipboard on an insecure page: select the text for Ctrl+C.
      getSelection()?.selectAllChildren(line);
      button.textContent = 'Selected';
    }
    setTimeout(() => button.textContent = 'Copy', 1_500);
  }
}

/**
 * Quotes a word for a shell: channel names can contain quotes, dollar signs and semicolons.
 * @param {string} word
 */
function quote(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
