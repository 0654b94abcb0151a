import { MessageBusError } from './error.js';
import { browserHost } from './host.js';
import { ACK_EVERY } from './port.js';

export { MessageBusError };

/**
 * @typedef {import('./host.js').Mode} Mode
 * @typedef {import('./port.js').Status} Status
 * @typedef {import('./port.js').ToPage} ToPage
 *
 * @typedef {object} MessageBusOptions
 * @property {string} [url] of the gateway, relative to the page; http: and https: mean ws: and wss:. Default '/bus'
 * @property {() => string | Promise<string>} [token] called whenever the connection needs a new one. Default none: the site's cookie, or nobody
 * @property {string} [user] whatever tells the users of this browser apart: pages that differ in it share nothing. Default: the `sub` of the token.
 *   Without either, pages share the connection of a nobody; a user whom the gateway knows by a cookie gets one for each tab, for the cookie may by then be somebody else's
 * @property {Mode} [mode] where the connection lives; what comes after it in the list where that is not possible. Default 'shared-worker'
 * @property {string} [worker] the address of the worker's script, on the page's own origin. Default: `worker.js` beside this module, where Vite finds it too
 * @property {number} [maxQueuedMessages] publications that may wait while there is no connection. Default 1,000
 * @property {number} [maxQueuedBytes] bytes that these may take. Default 1 MiB
 * @property {import('./host.js').Host} [host] for tests: what makes the worker
 *
 * One publication. `payload` is the text, with U+FFFD where the bytes are not UTF-8; `bytes` are exactly what was published.
 * @typedef {{ readonly channel: string, readonly payload: string, readonly bytes: Uint8Array }} Message
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
 * @property {{ channel: string | undefined, reason: string }} gap undefined: all channels
 * @property {'up' | 'down'} broker
 * @property {number} tabs how many share the connection
 * @property {unknown} error what a callback threw, or a MessageBusError that belongs to no call
 *
 * @typedef {{ onMessage: MessageCallback } & SubscribeOptions} Subscriber loses onSubscribed once that was called
 * @typedef {{ message: import('./port.js').Publish, settle: (error?: MessageBusError) => void }} Pending
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
  status = { state: 'idle' };
  /** To the worker, once it has opened for us. @type {import('./host.js').PagePort | null} */
  #port = null;
  #lastId = 0;
  #taken = 0;
  /** Published, and not answered; while there is no port, not sent either. @type {Map<number, Pending>} */
  #pending = new Map();
  /** @type {Map<string, Set<Subscriber>>} */
  #channels = new Map();
  /** Those of a worker that is gone, until the next one has them. @type {Set<string>} */
  #lostChannels = new Set();
  /** @type {{ [Type in keyof Events]: Set<(event: Events[Type]) => void> }} */
  #listeners = { status: new Set(), gap: new Set(), broker: new Set(), tabs: new Set(), error: new Set() };
  #startHost;
  /** @type {(() => void) | undefined} */
  #leaveHost;
  /** Why it is over. @type {MessageBusError | undefined} */
  #end;

  /** @param {MessageBusOptions} [options] */
  constructor({
    url = '/bus', token, user, mode, worker, host = browserHost, maxQueuedMessages = 1_000, maxQueuedBytes = 2 ** 20,
  } = {}) {
    this.#token = token;
    this.#open = {
      // Where there is no location, a page is rendered on its server: nothing connects there.
      url: new URL(url, globalThis.location?.href ?? 'http://server').href.replace(/^http/, 'ws'),
      user, hasToken: !!token, maxQueuedMessages, maxQueuedBytes,
    };
    this.#startHost = () => host({ mode, worker }, {
      onReady: (port, where, tab) => {
        this.mode = where;
        port.onmessage = ({ data }) => this.#handle(port, /** @type {Exclude<ToPage, { type: 'ready' }>} */ (data));
        port.postMessage({ type: 'open', tab, ...this.#open });
      },
      onLost: () => this.#lost(),
    });
  }

  /** Who the gateway takes this page for; null while not connected, and for an anonymous one. */
  get user() {
    return /** @type {{ user?: string }} */ (this.status).user ?? null;
  }

  /** Connects without a subscription: to learn `user`, say. */
  connect() {
    this.#leaveHost ??= this.#startHost();
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
      throw new TypeError('subscribe() takes a channel and a function.');
    }

    const subscriber = { ...options, onMessage };
    this.#channels.set(channel, (this.#channels.get(channel) ?? new Set()).add(subscriber));
    const end = this.#end;
    if (end) {
      queueMicrotask(() => this.#ended(channel, end));
    } else {
      // Also for the second one: the answer is the word that messages flow.
      this.#port?.postMessage({ type: 'subscribe', channel });
      this.connect();
    }
    return () => {
      const subscribers = this.#channels.get(channel);
      if (subscribers?.delete(subscriber) && !subscribers.size) {
        this.#channels.delete(channel);
        this.#port?.postMessage({ type: 'unsubscribe', channel });
      }
    };
  }

  /**
   * Resolves once the broker has accepted the message; rejects with a {@link MessageBusError}.
   * @param {keyof Channels & string} channel
   * @param {string | Uint8Array | ArrayBuffer} payload
   * @param {PublishOptions} [options]
   * @returns {Promise<void>}
   */
  async publish(channel, payload, { queue = true } = {}) {
    const body = typeof payload === 'string' ? payload
      : payload instanceof ArrayBuffer || payload instanceof Uint8Array ? new Uint8Array(payload) : undefined;
    if (typeof channel !== 'string' || body === undefined) {
      throw new MessageBusError('bad_field', 'publish() takes text or bytes; json() the rest.');
    }
    if (this.#end) {
      throw this.#end;
    }
    this.connect();
    // How many bytes wait is counted in the worker, once it is there.
    if (!this.#port && !(queue && this.#pending.size < this.#open.maxQueuedMessages)) {
      throw queue ? new MessageBusError('queue_full', 'Too much waits.') : new MessageBusError('not_connected', 'No connection.');
    }
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      /** @type {import('./port.js').Publish} */
      const message = { type: 'publish', id, channel, payload: body, queue };
      this.#pending.set(id, { message, settle: error => error ? reject(error) : resolve() });
      this.#port?.postMessage(message);
    });
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

  /** A channel name that nobody can guess, for replies. Browsers have it on secure origins: https, localhost. */
  oneOff() {
    return `one-off/${crypto.randomUUID()}`;
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
      throw new TypeError(`No event '${type}'.`);
    }
    // Its own function, so that the same listener given twice is called twice and leaves once.
    const own = (/** @type {Events[Type]} */ event) => listener(event);
    listeners.add(own);
    return () => void listeners.delete(own);
  }

  /**
   * For good: subscriptions end without a word, publications that have no answer yet reject with the code `closed`.
   * @param {{ allTabs?: boolean }} [options] allTabs: every tab of this user, as for a log-out
   */
  close({ allTabs = false } = {}) {
    this.#channels.clear();
    this.#port?.postMessage({ type: 'close', allTabs });
    this.#over({ state: 'closed', reason: 'closed' });
  }

  /**
   * @param {import('./host.js').PagePort} port
   * @param {Exclude<ToPage, { type: 'ready' }>} message
   */
  #handle(port, message) {
    switch (message.type) {
      case 'message':
        if (++this.#taken % ACK_EVERY === 0) {
          port.postMessage({ type: 'ack' });
        }
        return this.#deliver(message);
      case 'token':
        return void Promise.resolve().then(this.#token).catch(error => this.#report(error)).then(token => port.postMessage({ type: 'token', token: /** @type {string | undefined} */ (token) }));
      case 'opened':
        return this.#opened(port);
      case 'status':
        return message.status.state === 'closed' ? this.#over(message.status) : this.#statusIs(message.status);
      case 'broker':
        return this.#tell(message.type, message.broker);
      case 'tabs':
        return this.#tell(message.type, message.tabs);
      case 'subscribed':
        return this.#subscribed(message.channel);
      case 'gap':
        return this.#gap(message.channel, message.reason);
      case 'ended':
        return this.#ended(message.channel, toError(message.failure));
      case 'settled':
        this.#pending.get(message.id)?.settle(message.failure && toError(message.failure));
        return void this.#pending.delete(message.id);
      case 'error':
        return this.#report(toError(message.failure));
      default:
        /** @satisfies {never} */ (message);
    }
  }

  /** @param {import('./host.js').PagePort} port */
  #opened(port) {
    this.#port = port;
    this.#channels.forEach((_, channel) => port.postMessage({ type: 'subscribe', channel }));
    this.#pending.forEach(({ message }) => port.postMessage(message));
  }

  /** The worker is gone, and with it the replies. The host makes another. */
  #lost() {
    if (this.#port) {
      this.#port = null;
      this.#rejectAll(new MessageBusError('connection_lost', 'Lost, and perhaps published.'));
    }
    this.#lostChannels = new Set(this.#channels.keys());
    this.#statusIs({ state: 'connecting', attempt: 1 });
  }

  /** @param {Extract<Status, { state: 'closed' }>} status */
  #over(status) {
    if (!this.#end) {
      const end = this.#end = new MessageBusError('closed', status.reason);
      this.#leaveHost?.();
      this.#port = null;
      this.#rejectAll(end);
      this.#statusIs(status);
      this.#channels.forEach((_, channel) => this.#ended(channel, end));
    }
  }

  /** @param {MessageBusError} error */
  #rejectAll(error) {
    this.#pending.forEach(({ settle }) => settle(error));
    this.#pending.clear();
  }

  /** @param {Status} status */
  #statusIs(status) {
    this.status = status;
    this.#tell('status', status);
  }

  /** @param {import('./port.js').Publication} publication */
  #deliver({ channel, payload, bytes }) {
    const message = { channel, payload, get bytes() { return bytes ??= new TextEncoder().encode(payload); } };
    this.#each(this.#channels.get(channel), ({ onMessage }) => onMessage(payload, channel, message));
  }

  /** @param {string} channel */
  #subscribed(channel) {
    this.#each(this.#channels.get(channel), subscriber => {
      const { onSubscribed } = subscriber;
      subscriber.onSubscribed = undefined;
      onSubscribed?.(channel);
    });
    if (this.#lostChannels.delete(channel)) {
      this.#gap(channel, 'worker_lost');
    }
  }

  /**
   * @param {string | undefined} channel
   * @param {string} reason
   */
  #gap(channel, reason) {
    this.#tell('gap', { channel, reason });
    for (const affected of channel === undefined ? [...this.#channels.keys()] : [channel]) {
      this.#each(this.#channels.get(affected), ({ onGap }) => onGap?.(reason, affected));
    }
  }

  /**
   * @param {string} channel
   * @param {MessageBusError} error
   */
  #ended(channel, error) {
    const subscribers = this.#channels.get(channel);
    this.#channels.delete(channel);
    this.#each(subscribers, ({ onError }) => onError?.(error, channel));
  }

  /**
   * @template {keyof Events} Type
   * @param {Type} type
   * @param {Events[Type]} event
   */
  #tell(type, event) {
    this.#each(this.#listeners[type], listener => listener(event));
  }

  /**
   * Calls those that were there when it happened and have not left since: a callback may make others come and go.
   * What it throws is its own: the others are still called.
   * @template Item
   * @param {Set<Item> | undefined} items
   * @param {(item: Item) => void} call
   */
  #each(items, call) {
    for (const item of [...items ?? []]) {
      try {
        if (items?.has(item)) {
          call(item);
        }
      } catch (error) {
        this.#report(error);
      }
    }
  }

  /** @param {unknown} error */
  #report(error) {
    const listeners = [...this.#listeners.error];
    for (const listener of listeners[0] ? listeners : [print]) {
      try {
        listener(error);
      } catch (another) {
        print(another);
      }
    }
  }
}

/** @param {unknown} error */
const print = error => console.error('MessageBus:', error);

/** @param {import('./port.js').Failure} failure */
const toError = ({ code, message, retryAfter }) => new MessageBusError(code, message, retryAfter);
