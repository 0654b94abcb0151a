import { ApiError } from './api.js';
import { element, make, setText } from './dom.js';
import { KeyedRows, cell, nameCell } from './keyed-rows.js';
import { may } from './sign-in.js';
import { bytes, count, duration, visible } from './words.js';

/**
 * An entry of GET /api/connections.
 * @typedef {{ id: string, user: string | null, remoteAddress: string | null, since: string, channels: string[], queuedBytes: number }} Connection
 * @typedef {import('./api.js').Api} Api
 * @typedef {import('./gateways.js').Gateways} Gateways
 * @typedef {import('./disconnect.js').Disconnect} Disconnect
 */

/** The rows of the list; the filter finds other connections. */
const LIMIT = 50;
const NAMES_AT_A_GLANCE = 2;

/** The connections of the gateway that answers. The gateway filters them: there can be tens of thousands. */
export class Connections {
  #user = element('filter-user', HTMLInputElement);
  #channel = element('filter-channel', HTMLInputElement);
  #address = element('filter-address', HTMLInputElement);
  #order = element('connection-order', HTMLSelectElement);
  #error = element('connection-error', HTMLParagraphElement);
  #total = element('connection-total', HTMLParagraphElement);
  #none = element('no-connections', HTMLParagraphElement);
  #rows = new KeyedRows(element('connection-rows', HTMLTableSectionElement), connection => connection.id, connection => this.#newRow(connection));
  #api;
  #gateways;
  #disconnect;

  /**
   * @param {Api} api
   * @param {Gateways} gateways
   * @param {Disconnect} disconnect
   * @param {() => void} onFilter
   */
  constructor(api, gateways, disconnect, onFilter) {
    this.#api = api;
    this.#gateways = gateways;
    this.#disconnect = disconnect;
    const filter = element('connection-filter', HTMLFormElement);
    filter.addEventListener('input', onFilter);
    filter.addEventListener('submit', event => {
      event.preventDefault();
      onFilter();
    });
  }

  async load() {
    try {
      const { body, total, gateway } = await this.#api.get('connections', {
        user: this.#user.value, channel: this.#channel.value.trim(), address: this.#address.value.trim(), order: this.#order.value, limit: LIMIT,
      });
      return () => this.#show(/** @type {Connection[]} */ (body), total, gateway);
    } catch (error) {
      if (error instanceof ApiError && error.status === 400) {
        return () => setText(this.#error, error.message);
      }
      throw error;
    }
  }

  clear() {
    this.#rows.clear();
    [this.#error, this.#total, this.#none].forEach(text => setText(text, ''));
    element('connection-filter', HTMLFormElement).reset();
  }

  /**
   * @param {Connection[]} connections
   * @param {number} total
   * @param {string} gateway
   */
  #show(connections, total, gateway) {
    const isFiltered = [this.#user, this.#channel, this.#address].some(input => input.value !== '');
    setText(this.#error, '');
    setText(this.#total, `${connections.length < total ? `${connections.length} of ` : ''}${count(total, isFiltered ? 'match' : 'connection').replace(/matchs$/, 'matches')} on ${this.#gateways.nameOf(gateway)}`);
    this.#none.hidden = connections.length > 0;
    setText(this.#none, isFiltered ? 'No connection of this gateway matches.' : 'No connections on this gateway.');
    this.#rows.show(connections);
  }

  /** @param {Connection} connection */
  #newRow({ id, user, remoteAddress, since }) {
    const row = document.createElement('tr');
    row.dataset.connection = id;
    const name = nameCell(row, 'User', 'name');
    name.show(user === null ? 'anonymous' : visible(user));
    row.classList.toggle('anonymous', user === null);
    nameCell(row, 'Address', 'code').show(remoteAddress ?? 'unknown');
    const age = cell(row, 'Age', 'number');
    const channels = cell(row, 'Channels', 'names');
    const queue = cell(row, 'Queue', 'number');
    const button = make('button', 'small', 'Disconnect');
    button.setAttribute('type', 'button');
    button.setAttribute('aria-label', `Disconnect ${user === null ? `the anonymous connection from ${remoteAddress}` : `user ${visible(user)}`}`);
    button.toggleAttribute('disabled', !may('admin'));
    button.addEventListener('click', () => this.#disconnect.askFor({ id, user }));
    cell(row, '', 'action').append(button);
    let shownNames = '';
    return {
      row,
      /** @param {Connection} connection */
      update: connection => {
        setText(age, duration((Date.now() - Date.parse(since)) / 1_000));
        setText(queue, bytes(connection.queuedBytes));
        queue.dataset.mood = connection.queuedBytes > 65_536 ? 'warn' : '';
        const names = connection.channels.join('\n');
        if (names !== shownNames || !channels.firstChild) {
          shownNames = names;
          showNames(channels, connection.channels);
        }
      },
    };
  }
}

/**
 * @param {HTMLElement} place
 * @param {string[]} names
 */
function showNames(place, names) {
  /** @param {string} name */
  const chip = name => {
    const made = make('bdi', 'chip', visible(name));
    made.title = visible(name);
    return made;
  };
  if (names.length <= NAMES_AT_A_GLANCE) {
    place.replaceChildren(...(names.length > 0 ? names.map(chip) : [make('span', 'quiet', 'none')]));
    return;
  }
  const isOpen = place.querySelector('details')?.open ?? false;
  const all = document.createElement('details');
  all.open = isOpen;
  all.append(make('summary', '', count(names.length, 'channel')), ...names.map(chip));
  place.replaceChildren(all);
}
