import { MessageBus } from '../client.js';

/** Time that stands still until a test moves it. */
export class FakeClock {
  #now = 1_000_000;
  #timers = new Set();

  now = () => this.#now;

  setTimeout = (callback, ms) => {
    const timer = { callback, due: this.#now + ms };
    this.#timers.add(timer);
    return timer;
  };

  clearTimeout = timer => void this.#timers.delete(timer);

  get timers() {
    return this.#timers.size;
  }

  /** Runs what falls due, in order, also what those timers set in turn. */
  advance(ms) {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(timer => timer.due <= end).sort((a, b) => a.due - b.due);
      if (!next) {
        break;
      }
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.due);
      next.callback();
    }
    this.#now = end;
  }
}

class FakeSocket {
  sent = [];
  closed = false;
  bufferedAmount = 0;

  constructor(url, protocols) {
    Object.assign(this, { url, protocols });
  }

  send(text) {
    this.sent.push(text);
  }

  close() {
    this.closed = true;
  }

  /** The commands sent so far, parsed. */
  get commands() {
    return this.sent.map(text => JSON.parse(text));
  }

  get last() {
    return this.commands.at(-1);
  }

  open() {
    this.onopen?.();
  }

  /** The gateway sends: an object, or a text as it is. */
  say(message) {
    this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) });
  }

  /** The socket ends: with the gateway's close code, or 1006 as when the network goes. */
  end(code = 1006) {
    this.onclose?.({ code });
  }

  /** Opens, answers connect and confirms its subscriptions. */
  accept(fields = {}) {
    this.open();
    this.say({ type: 'connected', id: 1, connection: 'c-1', pingInterval: 25, maxMessage: 65536, ...fields });
    for (const { channel } of this.commands[0].subscriptions ?? []) {
      this.say({ type: 'subscribed', channel });
    }
  }
}

/** A bus whose sockets, time and chance belong to the test. `random` is 0.5 until the test sets `chance.value`. */
export function newBus(options = {}) {
  const sockets = [];
  const statuses = [];
  const chance = { value: 0.5 };
  const clock = new FakeClock();
  class WebSocket extends FakeSocket {
    constructor(url, protocols) {
      super(url, protocols);
      sockets.push(this);
    }
  }
  const bus = new MessageBus({ url: 'https://site.example/bus', WebSocket, clock, random: () => chance.value, ...options });
  bus.on('status', status => statuses.push(status));
  return {
    bus, sockets, statuses, chance, clock,
    get socket() { return sockets.at(-1); },
    /** Waits until the next attempt. */
    retry: () => clock.advance(bus.status.retryAt - clock.now()),
  };
}

/** A bus that is connected and subscribed to the channels. */
export function connectedBus(channels = ['orders/42'], options = {}) {
  const fixture = newBus();
  for (const channel of channels) {
    fixture.bus.subscribe(channel, () => {}, options);
  }
  fixture.socket.accept();
  return fixture;
}

/** Settled promises have told those that wait for them. */
export const settled = () => new Promise(resolve => setImmediate(resolve));

/** How a promise ended, as a value. */
export const outcome = promise => promise.then(() => 'resolved', error => error.code ?? error.name);
