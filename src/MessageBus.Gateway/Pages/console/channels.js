import { element, make, setText } from './dom.js';
import { KeyedRows, cell, nameCell } from './keyed-rows.js';
import { may } from './sign-in.js';
import { count, rate, visible } from './words.js';

/**
 * An entry of GET /api/channels.
 * @typedef {{ name: string, subscribers: number, publications: number, rate: number | null }} Channel
 * @typedef {import('./api.js').Api} Api
 * @typedef {import('./gateways.js').Gateways} Gateways
 */

const LIMIT = 50;

/** The channels of the gateway that answers, by default the busiest first. */
export class Channels {
  #prefix = element('filter-prefix', HTMLInputElement);
  #order = element('channel-order', HTMLSelectElement);
  #total = element('channel-total', HTMLParagraphElement);
  #none = element('no-channels', HTMLParagraphElement);
  #rows = new KeyedRows(element('channel-rows', HTMLTableSectionElement), channel => channel.name, channel => this.#newRow(channel));
  #api;
  #gateways;
  #events;

  /**
   * @param {Api} api
   * @param {Gateways} gateways
   * @param {{ look: (channel: string) => void, publish: (channel: string) => void, onFilter: () => void }} events
   */
  constructor(api, gateways, events) {
    this.#api = api;
    this.#gateways = gateways;
    this.#events = events;
    const filter = element('channel-filter', HTMLFormElement);
    filter.addEventListener('input', events.onFilter);
    filter.addEventListener('submit', event => {
      event.preventDefault();
      events.onFilter();
    });
  }

  async load() {
    const { body, total, gateway } = await this.#api.get('channels', { prefix: this.#prefix.value.trim(), order: this.#order.value, limit: LIMIT });
    return () => this.#show(/** @type {Channel[]} */ (body), total, gateway);
  }

  clear() {
    this.#rows.clear();
    [this.#total, this.#none].forEach(text => setText(text, ''));
    element('channel-filter', HTMLFormElement).reset();
  }

  /**
   * @param {Channel[]} channels
   * @param {number} total
   * @param {string} gateway
   */
  #show(channels, total, gateway) {
    setText(this.#total, `${channels.length < total ? `${channels.length} of ` : ''}${count(total, 'channel')} on ${this.#gateways.nameOf(gateway)}`);
    this.#none.hidden = channels.length > 0;
    setText(this.#none, this.#prefix.value === '' ? 'No subscriptions on this gateway.' : 'No channel with this prefix.');
    this.#rows.show(channels);
  }

  /** @param {Channel} channel */
  #newRow({ name }) {
    const row = document.createElement('tr');
    nameCell(row, 'Channel', 'name').show(visible(name));
    const subscribers = cell(row, 'Subscribers', 'number');
    const perSecond = cell(row, 'Per second', 'number');
    const publications = cell(row, 'In all', 'number');
    const actions = cell(row, '', 'action');
    actions.append(
      this.#button('Tap', `Tap ${visible(name)}`, 'admin', () => this.#events.look(name)),
      this.#button('Publish', `Publish to ${visible(name)}`, 'publish', () => this.#events.publish(name)));
    return {
      row,
      /** @param {Channel} channel */
      update: channel => {
        setText(subscribers, channel.subscribers.toLocaleString('en'));
        setText(perSecond, rate(channel.rate));
        setText(publications, channel.publications.toLocaleString('en'));
      },
    };
  }

  /**
   * @param {string} text
   * @param {string} name
   * @param {string} scope
   * @param {() => void} onClick
   */
  #button(text, name, scope, onClick) {
    const button = make('button', 'small', text);
    button.setAttribute('type', 'button');
    button.setAttribute('aria-label', name);
    button.toggleAttribute('disabled', !may(scope));
    button.addEventListener('click', onClick);
    return button;
  }
}
