import { element, setText } from './dom.js';

/**
 * @typedef {import('/bus/client.js').MessageBus} MessageBus
 * @typedef {import('/bus/client.js').Mode} Mode
 */

/** s */
const OFFLINE_FOR = 10;

/** Shows where the connection lives and who shares it, and offers two ways to interrupt it. */
export class Outage {
  #home = element('home', HTMLSpanElement);
  #switch = element('offline', HTMLButtonElement);
  #bus;
  #tabs = 1;
  #secondsLeft = 0;
  #countdown = 0;

  /** @param {MessageBus} bus */
  constructor(bus) {
    this.#bus = bus;
    bus.on('tabs', tabs => {
      this.#tabs = tabs;
      this.#showHome();
    });
    bus.on('status', () => this.#showHome());
    element('drop', HTMLButtonElement).addEventListener('click', () => {
      this.#goOffline();
      this.#goOnline();
    });
    this.#switch.addEventListener('click', () => this.#secondsLeft ? this.#goOnline() : this.#goOffline());
  }

  #showHome() {
    const { mode } = this.#bus;
    setText(this.#home, mode ? nameOf(mode, this.#tabs) : '');
  }

  /** The client reacts to the browser's offline event, which this simulates. It closes the socket of all tabs that share it. */
  #goOffline() {
    clearInterval(this.#countdown);
    dispatchEvent(new Event('offline'));
    this.#secondsLeft = OFFLINE_FOR;
    this.#countdown = setInterval(() => {
      this.#secondsLeft--;
      if (!this.#secondsLeft) {
        this.#goOnline();
      }
      this.#showSwitch();
    }, 1_000);
    this.#showSwitch();
  }

  #goOnline() {
    clearInterval(this.#countdown);
    this.#secondsLeft = 0;
    this.#showSwitch();
    dispatchEvent(new Event('online'));
  }

  #showSwitch() {
    setText(this.#switch, this.#secondsLeft ? `Go online (${this.#secondsLeft} s)` : `Go offline ${OFFLINE_FOR} s`);
  }
}

/**
 * @param {Mode} mode
 * @param {number} tabs
 */
function nameOf(mode, tabs) {
  switch (mode) {
    case 'shared-worker':
      return `Shared worker, ${tabs === 1 ? '1 tab' : `${tabs} tabs`}`;
    case 'worker':
      return 'Worker of this tab';
    case 'page':
      return 'No worker: on this page';
  }
}
