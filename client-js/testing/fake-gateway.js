import { Hubs } from '../worker/hubs.js';
import { toBody } from '../worker/protocol.js';

/**
 * A command as it came over the socket.
 * @typedef {{ type: string, id?: number, channel: string, payload?: string, base64?: string, subscriptions?: { channel: string }[] }} Command
 */

/** The gateway's end of all that a bus does, without a network: the rest of the client is the real one. */
export class FakeGateway {
  /** The client's end of the connection. @type {import('../worker/transport.js').TransportEvents | undefined} */
  #client;
  /** What is to happen once the caller has returned, as on a network. @type {(() => void)[]} */
  #steps = [];
  /** What the client wants to do after no time at all: its attempts to connect again. @type {Set<() => void>} */
  #due = new Set();
  /** @type {Map<string, string>} */
  #refused = new Map();
  #deliveries = 0;
  #user;
  /** @type {{ channel: string, payload: string | Uint8Array }[]} */
  published = [];

  /** @param {string | undefined} user whom it takes the page for */
  constructor(user) {
    this.#user = user;
  }

  /** Takes the place of the worker. @type {import('../port.js').Host} */
  host = (_, { onReady }) => {
    const hubs = new Hubs({
      dial: (_url, client) => {
        /** @param {() => void} step unless the client has given this one up */
        const later = step => this.#later(() => this.#client === client && step());
        this.#client = client;
        later(client.onOpen);
        return { send: text => later(() => this.#answer(JSON.parse(text))), bufferedBytes: () => 0, close: () => later(() => this.#client = undefined) };
      },
      clock: {
        now: Date.now,
        // Time stands still, but for what need not wait.
        setTimeout: (callback, ms) => ms === 0 && this.#due.add(callback) && callback,
        clearTimeout: callback => void this.#due.delete(callback),
      },
      random: () => 0,
    });

    /** @type {(message: import('../port.js').ToPage) => void} */
    let toPage = () => {};
    /** @type {(message: import('../port.js').ToWorker) => void} */
    let toWorker = () => {};
    hubs.accept({
      post: message => {
        this.#deliveries += Number(message.type === 'message');
        toPage(message);
      },
      listen: listener => toWorker = listener,
      end: () => {},
    });
    const leave = () => void (toPage = () => {});
    this.#later(() => onReady({ post: message => toWorker(message), listen: listener => toPage = listener, end: leave }, 'page'));
    return { leave, retry: () => {} };
  };

  /**
   * @param {string} channel
   * @param {string | Uint8Array} payload
   */
  deliver(channel, payload) {
    this.#catchUp();
    const before = this.#deliveries;
    this.#say({ type: 'message', channel, ...toBody(payload) });
    return this.#deliveries > before;
  }

  /**
   * @param {string | undefined} channel
   * @param {string} reason
   */
  gap(channel, reason) {
    this.#catchUp();
    this.#say({ type: 'gap', channel, reason });
  }

  /**
   * @param {string} channel
   * @param {string} code
   */
  refuse(channel, code) {
    this.#catchUp();
    this.#refused.set(channel, code);
    this.#say({ type: 'unsubscribed', channel, reason: code });
  }

  /** @param {number} closeCode */
  drop(closeCode) {
    this.#catchUp();
    const client = this.#client;
    this.#client = undefined;
    client?.onClose(closeCode);
  }

  reconnect() {
    this.#due.forEach(callback => {
      this.#due.delete(callback);
      callback();
    });
    this.#catchUp();
  }

  /** @param {Command} command */
  #answer({ type, id, channel, subscriptions = [], payload, base64 }) {
    const code = this.#refused.get(channel);
    if (type === 'connect') {
      this.#say({ type: 'connected', id, connection: 'c-fake', user: this.#user });
      subscriptions.forEach(({ channel: wanted }) => this.#answer({ type: 'subscribe', channel: wanted }));
    } else if (code) {
      this.#say({ type: 'error', id, channel, code, message: `The test refuses ${channel}.` });
    } else if (type === 'subscribe') {
      this.#say({ type: 'subscribed', id, channel });
    } else if (type === 'publish') {
      this.published.push({ channel, payload: payload ?? bytesOf(base64 ?? '') });
      this.#say({ type: 'published', id });
      this.#say({ type: 'message', channel, payload, base64 });
    }
  }

  /** @param {Record<string, unknown>} message */
  #say(message) {
    this.#client?.onMessage(JSON.stringify(message));
  }

  /** @param {() => void} step */
  #later(step) {
    this.#steps.push(step);
    queueMicrotask(() => this.#catchUp());
  }

  /** All that was to happen so far happens now. */
  #catchUp() {
    for (let step; step = this.#steps.shift();) {
      step();
    }
  }
}

/** @param {string} base64 */
const bytesOf = base64 => Uint8Array.from(atob(base64), character => character.charCodeAt(0));
