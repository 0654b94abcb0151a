import { MessageBus } from '../client.js';
import { Hubs } from '../worker/hubs.js';
import { overWebSocket } from '../worker/websocket.js';

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

  /** The machine sleeps: time passes, and timers stand still. */
  sleep(ms) {
    this.#now += ms;
    this.#timers.forEach(timer => timer.due += ms);
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
  #listeners = {};

  constructor(url, protocols) {
    Object.assign(this, { url, protocols });
  }

  addEventListener(type, listener) {
    this.#listeners[type] = listener;
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
    this.#listeners.open();
  }

  /** The gateway sends: an object, or a text as it is. */
  say(message) {
    this.#listeners.message({ data: typeof message === 'string' ? message : JSON.stringify(message) });
  }

  /** The socket ends: with the gateway's close code, or 1006 as when the network goes. */
  end(code = 1006) {
    this.#listeners.close({ code });
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

/** Web Locks, told at once. */
class FakeLocks {
  /** Those that wait for a lock that is held. */
  #waiting = new Map();

  /** Returns what releases it. */
  hold(name) {
    this.#waiting.set(name, []);
    return () => {
      const waiting = this.#waiting.get(name) ?? [];
      this.#waiting.delete(name);
      waiting.forEach(granted => granted());
    };
  }

  request(name, granted) {
    const waiting = this.#waiting.get(name);
    if (waiting) {
      waiting.push(granted);
    } else {
      granted();
    }
  }
}

/** The two ends of a port: what one posts the other has, cloned, at once. */
function newPorts() {
  const [one, other] = [0, 1].map(() => ({
    /** Where it listens now. */
    hear: () => {},
    listen(listener) { this.hear = listener; },
    end() { this.hear = () => {}; },
  }));
  one.post = message => other.hear(structuredClone(message));
  other.post = message => one.hear(structuredClone(message));
  return [one, other];
}

/** A browser with a worker and tabs, whose sockets, time and chance belong to the test. `random` is 0.5 until the test sets `chance.value`. */
export function newBrowser(environment = {}) {
  const sockets = [];
  const chance = { value: 0.5 };
  const clock = new FakeClock();
  const locks = new FakeLocks();
  class WebSocket extends FakeSocket {
    constructor(url, protocols) {
      super(url, protocols);
      sockets.push(this);
    }
  }
  const newWorker = () => new Hubs({ dial: overWebSocket(WebSocket), clock, random: () => chance.value, locks, ...environment });
  let worker = newWorker();
  let lastTab = 0;
  /** By tab: made anew when the worker has been killed. */
  const starts = new Set();

  return {
    sockets, chance, clock,
    get socket() { return sockets.at(-1); },
    /** The worker is gone without a word, and the tabs make another. */
    killWorker() {
      worker = newWorker();
      for (const { restart } of [...starts]) {
        restart();
      }
    },
    /** Opens a tab: its bus, what its statuses were, and ways to end it. `page` is its end of the port. */
    newTab(options = {}) {
      const tab = { statuses: [], page: null, crash: () => {} };
      const host = (_, { onReady, onLost }) => {
        let release;
        const start = () => {
          const name = `tab-${lastTab++}`;
          const [page, port] = newPorts();
          release = locks.hold(name);
          worker.accept(port, 'lock');
          tab.page = page;
          onReady(page, 'shared-worker', name);
        };
        const leave = () => {
          starts.delete(tab);
          tab.page.end();
          release();
        };
        tab.restart = () => {
          tab.page.end();
          onLost();
          start();
        };
        tab.crash = leave;
        starts.add(tab);
        start();
        return { leave, retry: () => {} };
      };
      tab.bus = new MessageBus({ url: 'https://site.example/bus', host, ...options });
      tab.bus.on('status', status => tab.statuses.push(status));
      return tab;
    },
  };
}

/** One tab of a new browser. */
export function newBus(options = {}, environment = {}) {
  const browser = newBrowser(environment);
  const { bus, statuses } = browser.newTab(options);
  const { sockets, chance, clock } = browser;
  return {
    bus, sockets, statuses, chance, clock, browser,
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
  fixture.bus.connect();
  fixture.socket.accept();
  return fixture;
}

/** Settled promises have told those that wait for them. */
export const settled = () => new Promise(resolve => setImmediate(resolve));

/** How a promise ended, as a value. */
export const outcome = promise => promise.then(() => 'resolved', error => error.code ?? error.name);
