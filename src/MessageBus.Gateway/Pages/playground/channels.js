import { element, grouped, make, oncePerFrame } from './dom.js';

/**
 * @typedef {import('/bus/client.js').MessageBus} MessageBus
 * @typedef {import('./rows.js').Entry} Entry
 */

/** Colours in playground.css. */
const LINES = 8;
const STORED_CHANNELS = 'messagebus.playground.channels';
export const FIRST_CHANNELS = ['demo/hello'];

/** The subscribed channels, with the number of messages of each. */
export class Channels {
  #list = element('channels', HTMLUListElement);
  #none = element('no-channels', HTMLParagraphElement);
  #error = element('channel-error', HTMLParagraphElement);
  /** @type {Map<string, { row: HTMLElement, name: HTMLElement, counter: HTMLElement, count: number, line: number, leave: () => void }>} */
  #channels = new Map();
  #nextLine = 0;
  #draw = oncePerFrame(() => this.#drawCounts());
  #bus;
  #onMessage;
  #onSelect;

  /**
   * @param {MessageBus} bus
   * @param {(entry: Entry & { kind: 'message' }) => void} onMessage
   * @param {(channel: string) => void} onSelect
   */
  constructor(bus, onMessage, onSelect) {
    this.#bus = bus;
    this.#onMessage = onMessage;
    this.#onSelect = onSelect;
    const input = element('channel-input', HTMLInputElement);
    element('subscribe-form', HTMLFormElement).addEventListener('submit', event => {
      event.preventDefault();
      const channel = input.value.trim();
      if (channel) {
        this.add(channel, () => onSelect(channel));
        this.#channels.get(channel)?.row.scrollIntoView({ block: 'nearest' });
        this.#store();
        input.value = '';
        input.focus();
      }
    });
    bus.on('status', status => this.#showLive(status.state === 'connected'));
  }

  /** @param {string} channel */
  has(channel) {
    return this.#channels.has(channel);
  }

  restore() {
    /** @type {unknown} */
    let stored = null;
    try {
      stored = JSON.parse(localStorage.getItem(STORED_CHANNELS) ?? 'null');
    } catch {
      // No storage, or foreign content: start as at the first run.
    }
    const channels = Array.isArray(stored) ? stored.filter(channel => typeof channel === 'string' && channel !== '') : FIRST_CHANNELS;
    channels.forEach(channel => this.add(channel));
    this.#none.hidden = this.#channels.size > 0;
  }

  /**
   * @param {string} channel
   * @param {() => void} [onSubscribed]
   */
  add(channel, onSubscribed) {
    this.#error.textContent = '';
    if (this.#channels.has(channel)) {
      onSubscribed?.();
      return;
    }
    const line = this.#nextLine++ % LINES;
    const row = make('li', 'channel');
    row.dataset.line = String(line);
    row.dataset.live = 'false';
    row.dataset.channel = channel;
    const name = make('button', 'channel-name');
    name.title = `Publish to ${channel}`;
    name.setAttribute('aria-pressed', 'false');
    const label = document.createElement('bdi');
    label.textContent = channel;
    name.append(label);
    const counter = make('span', 'channel-count', '0');
    const remove = make('button', 'channel-remove', '\u00d7');
    remove.setAttribute('aria-label', `Unsubscribe from ${channel}`);
    row.append(name, counter, remove);
    name.addEventListener('click', () => this.#onSelect(channel));
    remove.addEventListener('click', () => this.#remove(channel));
    this.#list.append(row);

    const leave = this.#bus.subscribe(channel, (payload, _, message) => this.#received(channel, payload, message.bytes), {
      onSubscribed: () => {
        row.dataset.live = 'true';
        onSubscribed?.();
      },
      onGap: () => row.dataset.live = 'true',
      onError: error => this.#ended(channel, error),
    });
    this.#channels.set(channel, { row, name, counter, count: 0, line, leave });
    this.#none.hidden = true;
  }

  /** @param {string} current */
  select(current) {
    for (const [channel, { name }] of this.#channels) {
      name.setAttribute('aria-pressed', String(channel === current));
    }
  }

  /** @param {string} channel */
  #remove(channel) {
    const entry = this.#channels.get(channel);
    const neighbour = entry?.row.nextElementSibling ?? entry?.row.previousElementSibling;
    entry?.leave();
    this.#drop(channel);
    // Keep the focus when the row is removed.
    const next = neighbour?.querySelector('.channel-remove') ?? element('channel-input', HTMLInputElement);
    if (next instanceof HTMLElement) {
      next.focus();
    }
  }

  /**
   * @param {string} channel
   * @param {import('/bus/client.js').MessageBusError} error
   */
  #ended(channel, error) {
    // When the connection is closed, keep the list for the next load of the page.
    if (error.code !== 'closed') {
      this.#error.textContent = `${channel}: ${error.message}`;
      this.#drop(channel);
    }
  }

  /** @param {string} channel */
  #drop(channel) {
    this.#channels.get(channel)?.row.remove();
    this.#channels.delete(channel);
    this.#none.hidden = this.#channels.size > 0;
    this.#store();
  }

  #store() {
    try {
      localStorage.setItem(STORED_CHANNELS, JSON.stringify([...this.#channels.keys()]));
    } catch {
      // No storage: the next load starts as at the first run.
    }
  }

  /**
   * @param {string} channel
   * @param {string} payload
   * @param {Uint8Array} bytes
   */
  #received(channel, payload, bytes) {
    const entry = this.#channels.get(channel);
    if (entry) {
      entry.count++;
      this.#draw();
      this.#onMessage({ kind: 'message', time: Date.now(), channel, payload, bytes, line: entry.line });
    }
  }

  /** @param {boolean} connected */
  #showLive(connected) {
    if (!connected) {
      this.#channels.forEach(({ row }) => row.dataset.live = 'false');
    }
  }

  #drawCounts() {
    for (const { counter, count } of this.#channels.values()) {
      counter.textContent = grouped(count);
    }
  }
}
