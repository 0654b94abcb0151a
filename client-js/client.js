import { MessageBusError } from './error.js';
import { browserHost } from './host.js';
import { Message } from './message.js';
import { ACK_EVERY } from './port.js';

export { Message, MessageBusError };

/**
 * @typedef {import('./host.js').Mode} Mode
 * @typedef {import('./port.js').Status} Status
 * @typedef {import('./port.js').ToPage} ToPage
 *
 * @typedef {object} MessageBusOptions
 * @property {string} [url] of the gateway, relative to the page; http: and https: mean ws: and wss:. Default '/bus'
 * @property {() => string | Promise<string>} [token] called whenever the connection needs a new one. Default none: the site's cookie, or nobody
 * @property {string} [user] whatever tells the users of this browser apart: pages that differ in it share nothing. Default: the `sub` of the token
 * @property {Mode} [mode] where the connection lives; what comes after it in the list where that is not possible. Default 'shared-worker'
 * @property {string} [worker] the worker's script, of the page's own origin. Default: `/worker.js` below `url`
 * @property {number} [maxQueuedMessages] publications that may wait while there is no connection. Default 1,000
 * @property {number} [maxQueuedBytes] bytes that these may take. Default 1 MiB
 * @property {import('./host.js').Host} [host] for tests: what makes the worker
 *
 * @callback MessageCallback
 * @param {string} payload
 * @param {string} channel
 * @param {Message} message
 * @returns {void}
 *
 * @typedef {object} SubscribeOptions
 * @property {(channel: string) => void} [onSubscribed] once, when messages have begun to flow
 * @property {(reason: string, channel: string) => void} [onGap] messages may have been missed: fetch the data again
 * @property {(error: MessageBusError, channel: string) => void} [onError] the subscription has ended
 *
 * @typedef {object} PublishOptions
 * @property {boolean} [queue] whether it may wait for a connection; otherwise it fails at once with `not_connected`. Default true
 *
 * @typedef {object} Events
 * @property {Status} status
 * @property {{ channel?: string, reason: string }} gap no channel: all of them
 * @property {'up' | 'down'} broker
 * @property {number} tabs how many share the connection
 * @property {unknown} error what a callback threw, or a MessageBusError that belongs to no call
 *
 * @typedef {{ onMessage: MessageCallback, told: boolean } & SubscribeOptions} Subscriber `told`: onSubscribed has been called
 * @typedef {{ live: boolean, lost: boolean, subscribers: Set<Subscriber> }} Channel `live`: its messages flow. `lost`: they did, in a worker that is gone
 * @typedef {{ resolve: () => void, reject: (error: MessageBusError) => void }} Pending
 */

/**
 * A channel whose payloads are JSON.
 * @template Value
 * @typedef {object} JsonChannel
 * @property {(onValue: (value: Value, channel: string, message: Message) => void, options?: SubscribeOptions) => () => void} subscribe
 * @property {(value: Value, options?: PublishOptions) => Promise<void>} publish
 */

/**
 * A page's access to the bus. Nothing connects before it is needed.
 * @template {object} [Channels=Record<string, unknown>] what the JSON of each channel is: `{ 'visitor/arrival': Arrival, [order: `orders/${string}`]: Order }`
 */
export class MessageBus {
  #token;
  #open;
  /** Where the connection lives; null before there is one. @type {Mode | null} */
  mode = null;
  /** @type {Status} */
  #status = { state: 'idle' };
  /** To the worker, once it has opened for us. @type {import('./host.js').PagePort | null} */
  #port = null;
  /** Until then. @type {(import('./port.js').Publish & { size: number })[]} */
  #outbox = [];
  #lastId = 0;
  #taken = 0;
  /** @type {Map<number, Pending>} */
  #pending = new Map();
  /** @type {Map<string, Channel>} */
  #channels = new Map();
  /** @type {{ [Type in keyof Events]: Set<(event: Events[Type]) => void> }} */
  #listeners = { status: new Set(), gap: new Set(), broker: new Set(), tabs: new Set(), error: new Set() };
  #startHost;
  #leaveHost = () => {};

  /** @param {MessageBusOptions} [options] */
  constructor({
    url = '/bus', token, user, mode = 'shared-worker', worker, host = browserHost, maxQueuedMessages = 1_000, maxQueuedBytes = 2 ** 20,
  } = {}) {
    const absolute = new URL(url, globalThis.location?.href).href.replace(/^ws/, 'http');
    const script = worker ?? `${absolute.split('?')[0]}/worker.js`;
    this.#token = token;
    this.#open = { url: absolute.replace(/^http/, 'ws'), user, hasToken: !!token, maxQueuedMessages, maxQueuedBytes };
    this.#startHost = () => host({ mode, worker: script }, {
      onReady: (port, where, tab) => {
        this.mode = where;
        port.onmessage = ({ data }) => this.#handle(port, data);
        port.postMessage({ type: 'open', tab, ...this.#open });
      },
      onLost: () => this.#lost(),
    });
  }

  get status() {
    return this.#status;
  }

  /** Who the gateway takes this page for; null while not connected, and for an anonymous one. */
  get user() {
    return this.#status.state === 'connected' ? this.#status.user ?? null : null;
  }

  /** Connects without a subscription: to learn `user`, say. */
  connect() {
    if (this.#status.state === 'idle') {
      this.#status = { state: 'connecting', attempt: 0 };
      this.#tell('status', this.#status);
      this.#leaveHost = this.#startHost();
    }
  }

  /**
   * Several subscribers of a channel share one subscription, over all tabs; it ends shortly after the last one has left.
   * @param {keyof Channels & string} channel
   * @param {MessageCallback} onMessage
   * @param {SubscribeOptions} [options]
   * @returns {() => void} leaves
   */
  subscribe(channel, onMessage, options) {
    if (!channel || typeof channel !== 'string' || typeof onMessage !== 'function') {
      throw new TypeError('subscribe() needs a channel and a function.');
    }

    const subscriber = { ...options, onMessage, told: false };
    const entry = this.#channels.get(channel) ?? { live: false, lost: false, subscribers: new Set() };
    const isFirst = entry.subscribers.size === 0;
    entry.subscribers.add(subscriber);
    this.#channels.set(channel, entry);
    if (this.#status.state === 'closed') {
      const error = closedError(this.#status.reason);
      queueMicrotask(() => this.#ended(channel, error));
    } else if (isFirst) {
      this.#port?.postMessage({ type: 'subscribe', channel });
      this.connect();
    } else {
      queueMicrotask(() => this.#tellSubscribed(channel));
    }
    return () => this.#leave(channel, subscriber);
  }

  /**
   * Resolves once the broker has accepted the message; rejects with a {@link MessageBusError}.
   * @param {keyof Channels & string} channel
   * @param {string | Uint8Array | ArrayBuffer} payload
   * @param {PublishOptions} [options]
   * @returns {Promise<void>}
   */
  async publish(channel, payload, { queue = true } = {}) {
    const body = payload instanceof ArrayBuffer || payload instanceof Uint8Array ? new Uint8Array(payload) : payload;
    if (typeof channel !== 'string' || typeof body !== 'string' && !(body instanceof Uint8Array)) {
      throw new MessageBusError(typeof channel === 'string' ? 'bad_payload' : 'bad_channel', 'publish() needs a channel and text or bytes; for the rest there is json().');
    }
    if (this.#status.state === 'closed') {
      throw closedError(this.#status.reason);
    }
    this.connect();
    const id = ++this.#lastId;
    /** @type {import('./port.js').Publish} */
    const message = { type: 'publish', id, channel, payload: body, queue };
    if (this.#port) {
      this.#port.postMessage(message);
    } else if (!queue) {
      throw new MessageBusError('not_connected', 'There is no connection.');
    } else {
      const { maxQueuedMessages, maxQueuedBytes } = this.#open;
      const size = channel.length + body.length;
      if (this.#outbox.length >= maxQueuedMessages || this.#outbox.reduce((sum, waiting) => sum + waiting.size, size) > maxQueuedBytes) {
        throw new MessageBusError('queue_full', 'Not connected, and too much already waits.');
      }
      this.#outbox.push({ ...message, size });
    }
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }));
  }

  /**
   * The same channel with values in place of texts.
   * @template {keyof Channels & string} Name
   * @param {Name} channel
   * @returns {JsonChannel<Channels[Name]>}
   */
  json(channel) {
    return {
      subscribe: (onValue, options) => this.subscribe(channel, (payload, name, message) => onValue(JSON.parse(payload), name, message), options),
      publish: (value, options) => this.publish(channel, JSON.stringify(value), options),
    };
  }

  /** A channel name that nobody can guess, for replies. */
  oneOff() {
    return `one-off/${Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')}`;
  }

  /**
   * @template {keyof Events} Type
   * @param {Type} type
   * @param {(event: Events[Type]) => void} listener
   * @returns {() => void} stops listening
   */
  on(type, listener) {
    const listeners = this.#listeners[type];
    if (!listeners) {
      throw new TypeError(`There is no event '${type}'; there are ${Object.keys(this.#listeners).join(', ')}.`);
    }
    // Its own function, so that the same listener given twice is called twice and leaves once.
    const own = (/** @type {Events[Type]} */ event) => listener(event);
    listeners.add(own);
    return () => void listeners.delete(own);
  }

  /** Lets go of the socket as if the network had, for all tabs: to watch what the page makes of it. */
  drop() {
    this.#port?.postMessage({ type: 'drop' });
  }

  /**
   * For good: subscriptions end without a word, publications that have no answer yet reject with the code `closed`.
   * @param {{ allTabs?: boolean }} [options] allTabs: every tab of this user, as for a log-out
   */
  close({ allTabs = false } = {}) {
    this.#channels.clear();
    this.#port?.postMessage({ type: 'close', allTabs });
    this.#over('closed');
  }

  /**
   * @param {string} channel
   * @param {Subscriber} subscriber
   */
  #leave(channel, subscriber) {
    const entry = this.#channels.get(channel);
    if (entry?.subscribers.delete(subscriber) && entry.subscribers.size === 0) {
      this.#channels.delete(channel);
      this.#port?.postMessage({ type: 'unsubscribe', channel });
    }
  }

  /**
   * @param {import('./host.js').PagePort} port
   * @param {ToPage} message
   */
  #handle(port, message) {
    switch (message.type) {
      case 'message':
        if (++this.#taken % ACK_EVERY === 0) {
          port.postMessage({ type: 'ack' });
        }
        return this.#deliver(new Message(message.channel, message.payload, message.bytes));
      case 'token':
        return this.#giveToken(port);
      case 'opened':
        return this.#opened(port);
      case 'status':
        return this.#statusIs(message.status);
      case 'broker':
        return this.#tell('broker', message.broker);
      case 'tabs':
        return this.#tell('tabs', message.tabs);
      case 'subscribed':
        return this.#subscribed(message.channel);
      case 'gap':
        return this.#gap(message.channel, message.reason);
      case 'ended':
        return this.#ended(message.channel, toError(message.failure));
      case 'published':
        this.#pending.get(message.id)?.resolve();
        this.#pending.delete(message.id);
        return;
      case 'failed':
        this.#pending.get(message.id)?.reject(toError(message.failure));
        this.#pending.delete(message.id);
        return;
      case 'error':
        return this.#report(toError(message.failure));
      case 'ready':
        return;
      default:
        /** @satisfies {never} */ (message);
    }
  }

  /** @param {import('./host.js').PagePort} port */
  async #giveToken(port) {
    /** @type {string | undefined} */
    let token;
    try {
      token = await this.#token?.();
    } catch (error) {
      this.#report(error);
    }
    port.postMessage({ type: 'token', token });
  }

  /** @param {import('./host.js').PagePort} port */
  #opened(port) {
    this.#port = port;
    for (const channel of this.#channels.keys()) {
      port.postMessage({ type: 'subscribe', channel });
    }
    for (const message of this.#outbox.splice(0)) {
      port.postMessage(message);
    }
  }

  /** The worker is gone, and with it the replies. The host makes another. */
  #lost() {
    if (this.#port) {
      this.#port = null;
      this.#settle(new MessageBusError('connection_lost', 'The worker was lost before the reply; the message may or may not have been published.'));
    }
    for (const entry of this.#channels.values()) {
      entry.lost ||= entry.live;
    }
    this.#statusIs({ state: 'waiting', reason: 'worker_lost', attempt: 1, retryAt: Date.now() });
  }

  /**
   * @param {string} reason
   * @param {number} [closeCode]
   */
  #over(reason, closeCode) {
    if (this.#status.state !== 'closed') {
      this.#leaveHost();
      this.#port = null;
      this.#outbox = [];
      this.#status = { state: 'closed', reason, closeCode };
      this.#settle(closedError(reason));
      this.#tell('status', this.#status);
      for (const channel of [...this.#channels.keys()]) {
        this.#ended(channel, closedError(reason));
      }
    }
  }

  /** @param {MessageBusError} error */
  #settle(error) {
    for (const { reject } of this.#pending.values()) {
      reject(error);
    }
    this.#pending.clear();
  }

  /** @param {Status} status */
  #statusIs(status) {
    if (status.state === 'closed') {
      return this.#over(status.reason, status.closeCode);
    }
    if (status.state !== 'connected') {
      for (const entry of this.#channels.values()) {
        entry.live = false;
      }
    }
    const isNews = status.state !== 'connecting' || this.#status.state !== 'connecting';
    this.#status = status;
    if (isNews) {
      this.#tell('status', status);
    }
  }

  /** @param {Message} message */
  #deliver(message) {
    for (const { onMessage } of this.#subscribersOf(message.channel)) {
      this.#call(onMessage, message.payload, message.channel, message);
    }
  }

  /** @param {string} channel */
  #subscribed(channel) {
    const entry = this.#channels.get(channel);
    if (entry) {
      const { lost } = entry;
      entry.live = true;
      entry.lost = false;
      this.#tellSubscribed(channel);
      if (lost) {
        this.#gap(channel, 'worker_lost');
      }
    }
  }

  /** @param {string} channel */
  #tellSubscribed(channel) {
    for (const subscriber of this.#channels.get(channel)?.live ? this.#subscribersOf(channel) : []) {
      if (!subscriber.told) {
        subscriber.told = true;
        this.#call(subscriber.onSubscribed, channel);
      }
    }
  }

  /**
   * @param {string | undefined} channel
   * @param {string} reason
   */
  #gap(channel, reason) {
    this.#tell('gap', channel === undefined ? { reason } : { channel, reason });
    for (const affected of channel === undefined ? [...this.#channels.keys()] : [channel]) {
      for (const { onGap } of this.#subscribersOf(affected)) {
        this.#call(onGap, reason, affected);
      }
    }
  }

  /**
   * @param {string} channel
   * @param {MessageBusError} error
   */
  #ended(channel, error) {
    const subscribers = this.#channels.get(channel)?.subscribers;
    this.#channels.delete(channel);
    for (const { onError } of subscribers ?? []) {
      this.#call(onError, error, channel);
    }
  }

  /**
   * Those that were there when it happened and have not left since: a callback may make others come and go.
   * @param {string} channel
   */
  *#subscribersOf(channel) {
    const subscribers = this.#channels.get(channel)?.subscribers;
    for (const subscriber of [...subscribers ?? []]) {
      if (subscribers?.has(subscriber)) {
        yield subscriber;
      }
    }
  }

  /**
   * @template {keyof Events} Type
   * @param {Type} type
   * @param {Events[Type]} event
   */
  #tell(type, event) {
    for (const listener of [...this.#listeners[type]]) {
      this.#call(listener, event);
    }
  }

  /**
   * What a callback throws is its own: the others are still called.
   * @template {unknown[]} Arguments
   * @param {((...values: Arguments) => void) | undefined} callback
   * @param {Arguments} values
   */
  #call(callback, ...values) {
    try {
      callback?.(...values);
    } catch (error) {
      this.#report(error);
    }
  }

  /** @param {unknown} error */
  #report(error) {
    if (this.#listeners.error.size === 0) {
      console.error('MessageBus:', error);
    }
    for (const listener of [...this.#listeners.error]) {
      try {
        listener(error);
      } catch (another) {
        console.error('MessageBus: an error listener threw', another);
      }
    }
  }
}

/** @param {import('./port.js').Failure} failure */
const toError = ({ code, message, retryAfter }) => new MessageBusError(code, message, retryAfter);

/** @param {string} reason */
const closedError = reason => new MessageBusError('closed', `The connection is closed: ${reason}.`);
