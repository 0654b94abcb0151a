import { element, inWords, sentence, setText } from './dom.js';

/** @typedef {import('/bus/client.js').MessageBus} MessageBus */

/** The state of the connection and of the broker, drawn as a line with three stops. */
export class Route {
  #route = element('route', HTMLDivElement);
  #state = element('state', HTMLSpanElement);
  #broker = element('broker-state', HTMLSpanElement);
  #detail = element('state-detail', HTMLSpanElement);
  #isBrokerUp = true;
  #bus;

  /** @param {MessageBus} bus */
  constructor(bus) {
    this.#bus = bus;
    bus.on('status', () => this.#show());
    bus.on('broker', broker => {
      this.#isBrokerUp = broker === 'up';
      this.#show();
    });
    setInterval(() => this.#showDetail(), 1_000);
    this.#show();
  }

  #show() {
    const { status } = this.#bus;
    const connected = status.state === 'connected';
    this.#route.dataset.state = this.#state.dataset.state = status.state;
    this.#route.dataset.broker = this.#isBrokerUp ? 'up' : 'down';
    setText(this.#state, { idle: 'Idle', connecting: 'Connecting', connected: 'Connected', waiting: 'Reconnecting', offline: 'Offline', closed: 'Closed' }[status.state]);
    setText(this.#broker, connected ? this.#isBrokerUp ? 'Up' : 'Down' : 'Unknown');
    this.#showDetail();
  }

  #showDetail() {
    setText(this.#detail, detailOf(this.#bus.status, this.#isBrokerUp));
  }
}

/**
 * @param {import('/bus/client.js').Status} status
 * @param {boolean} isBrokerUp
 */
function detailOf(status, isBrokerUp) {
  switch (status.state) {
    case 'idle':
      return 'Connects with the first subscription.';
    case 'connecting':
      return status.attempt > 0 ? `Attempt ${status.attempt + 1}` : '';
    case 'connected':
      return isBrokerUp ? status.user ? `Signed in as ${status.user}` : '' : 'The gateway has lost its broker and is reconnecting.';
    case 'waiting': {
      const seconds = Math.max(0, Math.ceil((status.retryAt - Date.now()) / 1_000));
      return `${sentence(inWords(status.reason))}, next attempt in ${seconds} s`;
    }
    case 'offline':
      return 'The browser reports no network.';
    case 'closed':
      return `${sentence(inWords(status.reason))}${status.closeCode ? ` (${status.closeCode})` : ''}. Reload the page to try again.`;
  }
}
