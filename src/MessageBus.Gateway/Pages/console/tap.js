import { element, inWords, make, oncePerFrame, setText } from './dom.js';
import { eventsOf } from './event-stream.js';
import { bytes, visible } from './words.js';

/** @typedef {import('./api.js').Api} Api */
/** @typedef {import('./event-stream.js').ServerEvent} ServerEvent */

/** The length of the list; older entries are removed. */
const MAX_EVENTS = 200;

/** The publications of one channel, newest first. */
export class Tap {
  #channel = element('tap-channel', HTMLInputElement);
  #button = element('tap-button', HTMLButtonElement);
  #state = element('tap-state', HTMLParagraphElement);
  #list = element('tap-events', HTMLOListElement);
  #empty = element('tap-empty', HTMLParagraphElement);
  /** @type {HTMLElement[]} */
  #arrived = [];
  #draw = oncePerFrame(() => this.#drawArrived());
  /** What ends the one that is open. @type {AbortController | null} */
  #open = null;
  #api;

  /** @param {Api} api */
  constructor(api) {
    this.#api = api;
    element('tap-form', HTMLFormElement).addEventListener('submit', event => {
      event.preventDefault();
      if (this.#open) {
        this.end('Stopped.');
      } else {
        this.begin(this.#channel.value.trim());
      }
    });
  }

  /**
   * Taps this channel instead of the previous one.
   * @param {string} channel
   */
  async begin(channel) {
    this.end('');
    this.#list.replaceChildren();
    this.#channel.value = channel;
    const open = this.#open = new AbortController();
    this.#show();
    this.#say(`Opening ${visible(channel)} …`);
    element('tap', HTMLElement).scrollIntoView({ block: 'nearest' });
    try {
      for await (const event of eventsOf(await this.#api.open('tap', { channel }, open.signal))) {
        this.#take(event, channel);
      }
      this.#ended(open, 'The gateway has ended the tap.');
    } catch (error) {
      // A tap that was ended here reports nothing.
      this.#ended(open, error instanceof Error && error.name === 'ApiError' ? error.message : 'The connection to the gateway was lost.');
    }
  }

  /** @param {string} why */
  end(why) {
    this.#open?.abort();
    this.#open = null;
    this.#show();
    this.#say(why);
  }

  clear() {
    this.#list.replaceChildren();
    this.#channel.value = '';
    this.#show();
  }

  /**
   * @param {AbortController} open
   * @param {string} why
   */
  #ended(open, why) {
    if (this.#open === open) {
      this.end(why);
    }
  }

  /**
   * @param {ServerEvent} event
   * @param {string} channel
   */
  #take({ type, data }, channel) {
    const content = JSON.parse(data);
    switch (type) {
      case 'subscribed':
        this.#say(`Tapping ${visible(channel)}.`);
        break;
      case 'message':
        this.#add(publication(content));
        break;
      case 'dropped':
        this.#add(make('li', 'tap-note', `… ${content.count.toLocaleString('en')} not shown: too many to display.`));
        break;
      case 'gap':
        this.#add(make('li', 'tap-note', `Messages may be missing: ${inWords(String(content.reason))}.`));
        break;
      case 'status':
        this.#add(make('li', 'tap-note', content.broker === 'up' ? 'Redis is available again.' : 'Redis is unavailable.'));
        break;
    }
  }

  /** @param {HTMLElement} row */
  #add(row) {
    this.#arrived.push(row);
    this.#arrived = this.#arrived.slice(-MAX_EVENTS);
    this.#draw();
  }

  #drawArrived() {
    this.#list.prepend(...this.#arrived.reverse());
    this.#arrived = [];
    while (this.#list.childElementCount > MAX_EVENTS) {
      this.#list.lastElementChild?.remove();
    }
    this.#empty.hidden = this.#list.childElementCount > 0;
  }

  #show() {
    this.#button.textContent = this.#open ? 'Stop' : 'Look';
    this.#button.setAttribute('aria-label', this.#open ? 'Stop the tap' : 'Tap the channel');
    this.#channel.readOnly = this.#open !== null;
    this.#empty.hidden = this.#list.childElementCount > 0;
  }

  /** @param {string} text */
  #say(text) {
    setText(this.#state, text);
  }
}

/** @param {{ at: string, bytes: number, payload?: string, base64?: string, cut: boolean }} content */
function publication({ at, bytes: length, payload, base64, cut }) {
  const row = make('li', 'tap-event');
  const time = document.createElement('time');
  time.dateTime = at;
  time.textContent = new Date(at).toLocaleTimeString('en-GB', { hour12: false });
  const notes = [bytes(length), base64 === undefined ? '' : 'base64', cut ? `truncated` : ''].filter(note => note !== '');
  row.append(time, make('span', 'tap-size', notes.join(' · ')), make('bdi', 'tap-payload code', payload ?? base64 ?? ''));
  return row;
}
