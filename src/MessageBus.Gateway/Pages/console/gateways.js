import { Chart } from './chart.js';
import { element, make, setText } from './dom.js';
import { KeyedRows, cell, nameCell } from './keyed-rows.js';
import { Rates } from './rates.js';
import { duration, rate } from './words.js';

/**
 * An entry of GET /api/gateways.
 * @typedef {{
 *   id: string, host: string, version: string, state: 'here' | 'up' | 'missing', draining: boolean, broker: 'up' | 'down', uptimeSeconds: number,
 *   heardSecondsAgo: number, connections: number, channels: number, received: number, sent: number, deliveries: number,
 * }} Gateway
 * @typedef {import('./api.js').Api} Api
 * @typedef {import('./verdict.js').Verdict} Verdict
 */

/** All gateways, and the rates of one of them over time. */
export class Gateways {
  #charted = element('charted', HTMLParagraphElement);
  #rates = new Rates();
  #charts = [
    new Chart('Connections', 'connections', 1),
    new Chart('Received per second', 'received', 2),
    new Chart('Deliveries per second', 'deliveries', 4),
    new Chart('Sent per second', 'sent', 3),
  ];
  #rows = new KeyedRows(element('gateway-rows', HTMLTableSectionElement), gateway => gateway.id, gateway => this.#newRow(gateway));
  /** @type {Gateway[]} */
  #gateways = [];
  /** The charted gateway; '' for the first that answers. */
  #chosen = '';
  #api;
  #verdict;

  /**
   * @param {Api} api
   * @param {Verdict} verdict
   */
  constructor(api, verdict) {
    this.#api = api;
    this.#verdict = verdict;
  }

  async load() {
    const { body } = await this.#api.get('gateways');
    const gateways = /** @type {Gateway[]} */ (body);
    return () => this.#show(gateways);
  }

  clear() {
    this.#chosen = '';
    this.#gateways = [];
    this.#rates.clear();
    this.#rows.clear();
    this.#showCharts();
  }

  /** @param {string} id as an answer of the API names its gateway */
  nameOf(id) {
    const gateway = this.#gateways.find(one => one.id === id);
    return gateway ? nameOf(gateway) : 'this gateway';
  }

  /** @param {Gateway[]} gateways */
  #show(gateways) {
    this.#gateways = gateways;
    this.#rates.add(gateways);
    this.#verdict.judge(gateways);
    if (!gateways.some(gateway => gateway.id === this.#chosen)) {
      this.#chosen = gateways.find(gateway => gateway.state === 'here')?.id ?? '';
    }
    this.#rows.show(gateways);
    this.#showCharts();
  }

  #showCharts() {
    const chosen = this.#gateways.find(gateway => gateway.id === this.#chosen);
    setText(this.#charted, chosen ? `Charts: ${nameOf(chosen)}, last 5 minutes` : '');
    const points = this.#rates.of(this.#chosen);
    this.#charts.forEach(chart => chart.show(points));
  }

  /** @param {Gateway} gateway */
  #newRow(gateway) {
    const { id } = gateway;
    const row = document.createElement('tr');
    const name = nameCell(row, 'Gateway', 'name');
    const state = make('span', 'state');
    cell(row, 'State').append(state);
    const broker = cell(row, 'Redis');
    const uptime = cell(row, 'Up for');
    const version = cell(row, 'Version');
    const connections = cell(row, 'Connections', 'number');
    const channels = cell(row, 'Channels', 'number');
    const [received, sent, deliveries] = [cell(row, 'Received/s', 'number'), cell(row, 'Sent/s', 'number'), cell(row, 'Deliveries/s', 'number')];
    const chart = make('button', 'small', 'Chart');
    chart.setAttribute('type', 'button');
    chart.setAttribute('aria-label', `Chart ${nameOf(gateway)}`);
    chart.addEventListener('click', () => {
      this.#chosen = id;
      this.#rows.show(this.#gateways);
      this.#showCharts();
    });
    cell(row, '', 'action').append(chart);
    return {
      row,
      /** @param {Gateway} gateway */
      update: gateway => {
        name.show(nameOf(gateway));
        setText(state, stateOf(gateway));
        state.dataset.mood = gateway.state === 'missing' ? 'bad' : gateway.draining ? 'warn' : 'good';
        setText(broker, gateway.state === 'missing' ? 'unknown' : gateway.broker);
        broker.dataset.mood = gateway.broker === 'down' ? 'bad' : '';
        setText(uptime, duration(gateway.uptimeSeconds));
        setText(version, gateway.version);
        setText(connections, gateway.connections.toLocaleString('en'));
        setText(channels, gateway.channels.toLocaleString('en'));
        const now = gateway.state === 'missing' ? undefined : this.#rates.of(gateway.id).at(-1);
        setText(received, rate(now?.received));
        setText(sent, rate(now?.sent));
        setText(deliveries, rate(now?.deliveries));
        chart.setAttribute('aria-pressed', String(gateway.id === this.#chosen));
      },
    };
  }
}

/**
 * Host and id: several gateways can share a machine, and container names say little.
 * @param {Gateway} gateway
 */
export const nameOf = ({ host, id }) => `${host} (${id.slice(2, 6)})`;

/** @param {Gateway} gateway */
function stateOf(gateway) {
  if (gateway.state === 'missing') {
    return `Missing, last report ${duration(gateway.heardSecondsAgo)} ago`;
  }
  const state = gateway.state === 'here' ? 'Answers this page' : 'Up';
  return gateway.draining ? 'Draining' : state;
}
