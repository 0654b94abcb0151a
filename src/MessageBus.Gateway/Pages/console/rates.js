/** s */
export const WINDOW = 300;

/** @typedef {import('./gateways.js').Gateway} Gateway */

/**
 * A moment on the gateway's monotonic clock. Rates are per second since the previous point.
 * @typedef {{ at: number, connections: number, received: number, sent: number, deliveries: number }} Point
 */

/**
 * The rates of each gateway over the last minutes, from its counters and its own clock, so that slow answers and clock changes do not distort them.
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
    // Another gateway's report remains until its next one.
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
