/** s */
export const WINDOW = 300;

/** @typedef {import('./gateways.js').Gateway} Gateway */

/**
 * At one moment, by the gateway's own steady clock. Rates are per second, over the time since the point before.
 * @typedef {{ at: number, connections: number, received: number, sent: number, deliveries: number }} Point
 */

/**
 * The rates of each gateway over the last minutes, from the counts that it says of itself. Their time is the gateway's own, so that neither a slow answer nor
 * a changed clock bends them.
 */
export class Rates {
  /** @type {Map<string, { last: Gateway, points: Point[] }>} */
  #histories = new Map();

  /** @param {Gateway[]} gateways those that are not among them are forgotten */
  add(gateways) {
    const ids = new Set(gateways.map(gateway => gateway.id));
    for (const id of this.#histories.keys()) {
      if (!ids.has(id)) {
        this.#histories.delete(id);
      }
    }
    gateways.forEach(gateway => this.#addOne(gateway));
  }

  /**
   * @param {string} id
   * @returns {readonly Point[]} oldest first
   */
  of(id) {
    return this.#histories.get(id)?.points ?? [];
  }

  clear() {
    this.#histories.clear();
  }

  /** @param {Gateway} gateway */
  #addOne(gateway) {
    const history = this.#histories.get(gateway.id);
    if (!history) {
      this.#histories.set(gateway.id, { last: gateway, points: [] });
      return;
    }
    const { last, points } = history;
    const seconds = gateway.uptimeSeconds - last.uptimeSeconds;
    // A report of another gateway stands until its next one.
    if (seconds < 0.05) {
      return;
    }
    points.push({
      at: gateway.uptimeSeconds,
      connections: gateway.connections,
      received: Math.max(0, gateway.received - last.received) / seconds,
      sent: Math.max(0, gateway.sent - last.sent) / seconds,
      deliveries: Math.max(0, gateway.deliveries - last.deliveries) / seconds,
    });
    history.last = gateway;
    while (points[0] && points[0].at < gateway.uptimeSeconds - WINDOW) {
      points.shift();
    }
  }
}
