import { MessageBusError } from './error.js';
import { ACK_EVERY } from './port.js';
import { Awaited } from './awaited.js';

export { MessageBusError };

/**
 * @typedef {import('./error.js').ErrorCode} ErrorCode
 * @typedef {import('./port.js').Host} Host
 * @typedef {import('./port.js').Mode} Mode
 * @typedef {import('./port.js').GapReason} GapReason
 * @typedef {import('./port.js').Reason} Reason
 * @typedef {import('./port.js').Status} Status
 * @typedef {import('./port.js').ToPage} ToPage
 *
 * @typedef {object} MessageBusOptions
 * @property {string} [url] of the gateway, relative to the page; http: and https: mean ws: and wss:. Default '/bus'
 * @property {() => string | null | Promise<string | null>} [token] called whenever the connection needs a new one; null: connect without one. A MessageBusError `unauthorized` ends the bus. Default none: the site's cookie, or nobody
 * @property {string} [user] whatever tells the users of this browser apart: pages that differ in it share nothing. Default: the `sub` of the token.
 *   Without either, pages share the connection of a nobody; a user whom the gateway knows by a cookie gets one for each tab, for the cookie may by then be somebody else's
 * @property {Mode} [mode] where the connection lives; what comes after it in the list where that is not possible. Default 'shared-worker'
 * @property {string} [worker] the address of the worker's script, on the page's own origin. Default: `worker.js` beside this module, where bundlers find it too, then that of a gateway on the page's origin
 * @property {import('./worker/environment.js').Socket} [WebSocket] in place of the browser's, on the thread's own connection: that of the package ws, say
 * @property {number} [maxQueuedMessages] publications that may wait while there is no connection. Default 1,000
 * @property {number} [maxQueuedBytes] bytes that these may take. Default 1 MiB
 * @property {boolean} [debug] whether the frames are shown in the console. Default: whether `localStorage.messagebus` is 'debug'
 * @property {Host} [host] for tests: what makes the worker
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
 * @property {(reason: GapReason, channel: string) => void} [onGap] messages may have been missed: fetch the data again
 * @property {(error: MessageBusError, channel: string) => void} [onError] the subscription has ended. Default: an `error` event
 * @property {(state: SubscriptionState, channel: string) => void} [onState] whether messages flow
 * @property {AbortSignal} [signal] leaves
 *
 * @typedef {'subscribing' | 'subscribed' | 'failed'} SubscriptionState
 *
 * Leaves when it is called.
 * @typedef {(() => void) & { readonly state: SubscriptionState }} Subscription
 *
 * @typedef {object} PublishOptions
 * @property {boolean} [queue] whether it may wait for a connection; otherwise it fails at once with `not_connected`. Default true
 * @property {AbortSignal} [signal] rejects; what has not left the worker is not sent
 *
 * @typedef {object} Events
 * @property {Status} status
 * @property {{ channel: string | undefined, reason: GapReason }} gap undefined: all channels
 * @property {'up' | 'down'} broker
 * @property {number} tabs how many share the connection
 * @property {unknown} error what a callback threw, or a MessageBusError that nobody else is told
 *
 * @typedef {{ onMessage: MessageCallback, state: SubscriptionState } & SubscribeOptions} Subscriber loses onSubscribed once that was called
 * @typedef {{ message: import('./port.js').Publish, settle: (error?: MessageBusError) => void }} Pending
 */

/**
 * A channel whose payloads are JSON.
 * @template Value
 * @typedef {object} JsonChannel
 * @property {(onValue: (value: Value, channel: string, message: Message) => void, options?: SubscribeOptions) => Subscription} subscribe
 * @property {(value: Value, options?: PublishOptions) => Promise<void>} publish
 */

const isServer = () => !(globalThis.document || 'WorkerGlobalScope' in globalThis || globalThis.navigator?.product === 'ReactNative');

/**
 * A page's access to the bus. Nothing connects before it is needed.
 * @template {object} [Channels=Record<string, unknown>] what the JSON of each channel is: `{ 'visitor/arrival': Arrival, [order: `orders/${string}`]: Order }`
 */
export class MessageBus {
  /** Where there is no other: client.js and standalone.js have one each. @type {Host | undefined} */
  static host;
  /** Whether it does so for a subscription. The modules of pages run on servers too, only to be rendered. */
  static connectsOnServers = false;

  #token;
  #maxQueuedMessages;
  /** Where the connection lives; null before there is one. @type {Mode | null} */
  mode = null;
  /** @type {Status} */
  status = { state: 'idle' };
  /** To the worker. @type {import('./port.js').PagePort | null} */
  #line = null;
  /** The same, once it has opened for us. @type {import('./port.js').PagePort | null} */
  #port = null;
  #lastId = 0;
  #taken = 0;
  /** Published, and not answered; while there is no port, not sent either. @type {Map<number, Pending>} */
  #pending = new Map();
  /** @type {Map<string, Set<Subscriber>>} */
  #channels = new Map();
  /** Those that were there when the worker, or the whole connection, went: until they are back. @type {Map<string, GapReason>} */
  #lostChannels = new Map();
  /** @type {{ [Type in keyof Events]: Set<(event: Events[Type]) => void> }} */
  #listeners = { status: new Set(), gap: new Set(), broker: new Set(), tabs: new Set(), error: new Set() };
  #startHost;
  #connectsByItself;
  /** @type {ReturnType<Host> | undefined} */
  #host;
  /** Why it is over. @type {MessageBusError | undefined} */
  #end;

  /** @param {MessageBusOptions} [options] */
  constructor(options = {}) {
    const { url = '/bus', token, user, host = MessageBus.host, debug = isDebugged(), maxQueuedMessages = 1_000, maxQueuedBytes = 2 ** 20 } = options;
    const address = absolute(url);
    this.#token = token;
    this.#maxQueuedMessages = maxQueuedMessages;
    this.#connectsByItself = !!(options.host || options.mode || options.WebSocket || MessageBus.connectsOnServers) || !isServer();
    this.#startHost = () => host?.({ ...options, url: address }, {
      onReady: (port, mode, tab) => {
        this.mode = mode;
        this.#line = port;
        port.listen(message => this.#handle(port, /** @type {Exclude<ToPage, { type: 'ready' }>} */ (message)));
        port.post({ type: 'open', tab, url: address, user, hasToken: !!token, maxQueuedMessages, maxQueuedBytes, debug });
      },
      onLost: () => this.#lost(),
      onFailed: (cause, retryAt, attempt) => {
        if (attempt === 1) {
          this.#report(cause);
        }
        this.#statusIs({ state: 'waiting', reason: 'worker_failed', attempt, retryAt });
      },
    });
    // A Proxy that hands the methods out (Vue's reactive(), a store's) has no private members.
    for (const name of Object.getOwnPropertyNames(MessageBus.prototype).slice(1)) {
      Reflect.set(this, name, /** @type {any} */ (this)[name]?.bind?.(this));
    }
  }

  /** Who the gateway takes this page for; null while not connected, and for an anonymous one. */
  get user() {
    return /** @type {{ user?: string }} */ (this.status).user ?? null;
  }

  /**
   * Connects now: without a subscription, to learn `user`, say; at once, while it waits for the next attempt; again, with all
   * subscriptions and the next token, after it was closed.
   */
  connect() {
    this.#end = undefined;
    if (this.#line) {
      this.#line.post({ type: 'connect' });
    } else if (this.#host) {
      this.#host.retry();
    } else {
      if (this.status.state === 'closed') {
        this.#statusIs({ state: 'connecting', attempt: 0 });
      }
      this.#host = this.#startHost();
    }
  }

  /**
   * Several subscribers of a channel share one subscription, over all tabs; it ends shortly after the last one has left.
   * @param {keyof Channels & string} channel
   * @param {MessageCallback} onMessage
   * @param {SubscribeOptions} [options]
   * @returns {Subscription}
   */
  subscribe(channel, onMessage, options) {
    if (!channel || typeof channel !== 'string' || typeof onMessage !== 'function') {
      throw new TypeError('subscribe() takes a channel and a function.');
    }

    /** @type {Subscriber} */
    const subscriber = { ...options, onMessage, state: 'subscribing' };
    const leave = () => {
      const subscribers = this.#channels.get(channel);
      off();
      if (subscribers?.delete(subscriber) && !subscribers.size) {
        this.#channels.delete(channel);
        this.#port?.post({ type: 'unsubscribe', channel });
      }
    };
    const off = whenAborted(options?.signal, leave);
    if (!options?.signal?.aborted) {
      this.#channels.set(channel, (this.#channels.get(channel) ?? new Set()).add(subscriber));
      const end = this.#end;
      if (end) {
        queueMicrotask(() => end === this.#end && this.#refuse([subscriber], channel, end) || this.#report(end));
      } else {
        // Also for the second one: the answer is the word that messages flow.
        this.#port?.post({ type: 'subscribe', channel });
        if (this.#connectsByItself) {
          this.#host ??= this.#startHost();
        }
      }
    }
    return Object.defineProperty(/** @type {any} */ (leave), 'state', { get: () => subscriber.state });
  }

  /**
   * The messages of a channel, until the loop is left or the signal aborts; an error of the subscription is thrown.
   * @param {keyof Channels & string} channel
   * @param {SubscribeOptions} [options]
   * @returns {AsyncGenerator<Message, void, void>}
   */
  async *messages(channel, options = {}) {
    const { signal } = options;
    /** @type {Message[]} */
    const waiting = [];
    /** @type {unknown} */
    let failure;
    let wake = () => {};
    const end = (/** @type {unknown} */ error) => {
      failure ??= error;
      wake();
    };
    const leave = this.subscribe(channel, (_payload, _channel, message) => {
      if (waiting.length < MAX_UNREAD) {
        waiting.push(message);
        wake();
      } else {
        end(new MessageBusError('queue_full', undefined, { channel }));
      }
    }, { ...options, onError: end });
    const off = whenAborted(signal, () => wake());
    try {
      while (!signal?.aborted) {
        const message = waiting.shift();
        if (message) {
          yield message;
        } else if (failure) {
          throw failure;
        } else {
          await new Promise(resolve => wake = () => resolve(0));
        }
      }
    } finally {
      off();
      leave();
    }
  }

  /**
   * The next message of a channel.
   * @param {keyof Channels & string} channel
   * @param {SubscribeOptions} [options]
   * @returns {Promise<Message>}
   */
  async once(channel, options) {
    for await (const message of this.messages(channel, options)) {
      return message;
    }
    throw options?.signal?.reason;
  }

  /**
   * Resolves once the broker has accepted the message; rejects with a {@link MessageBusError}.
   * @param {keyof Channels & string} channel
   * @param {string | Uint8Array | ArrayBuffer} payload
   * @param {PublishOptions} [options]
   * @returns {Promise<void>}
   */
  publish(channel, payload, { queue = true, signal } = {}) {
    const body = typeof payload === 'string' ? payload : toBytes(payload);
    return new Awaited((resolve, reject) => {
      signal?.throwIfAborted();
      if (typeof channel !== 'string' || body === undefined) {
        throw new MessageBusError('bad_field', 'publish() takes text or bytes; json() the rest.', { channel });
      }
      if (this.#end) {
        throw new MessageBusError('closed', this.#end.message, { channel });
      }
      this.#host ??= this.#startHost();
      // How many bytes wait is counted in the worker, once it is there.
      if (!this.#port && !(queue && this.#pending.size < this.#maxQueuedMessages)) {
        throw new MessageBusError(queue ? 'queue_full' : 'not_connected', undefined, { channel });
      }
      const id = ++this.#lastId;
      const off = whenAborted(signal, () => {
        this.#pending.get(id)?.settle(signal?.reason);
        this.#port?.post({ type: 'cancel', id });
      });
      /** @type {import('./port.js').Publish} */
      const message = { type: 'publish', id, channel, payload: body, queue };
      this.#pending.set(id, {
        message,
        settle: error => {
          this.#pending.delete(id);
          off();
          error ? reject(error) : resolve();
        },
      });
      this.#port?.post(message);
    }, error => this.#report(error));
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
      publish: async (value, options) => this.publish(channel, JSON.stringify(value), options),
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
   * @param {{ signal?: AbortSignal }} [options] the signal stops listening too
   * @returns {() => void} stops listening
   */
  on(type, listener, { signal } = {}) {
    const listeners = this.#listeners[type];
    if (!listeners) {
      throw new TypeError(`No event '${type}'.`);
    }
    // Its own function, so that the same listener given twice is called twice and leaves once.
    const own = (/** @type {Events[Type]} */ event) => listener(event);
    const off = () => void listeners.delete(own);
    if (!signal?.aborted) {
      listeners.add(own);
      whenAborted(signal, off);
    }
    return off;
  }

  /**
   * Publications that have no answer yet reject with the code `closed`. Subscriptions rest, without a word, until {@link connect}.
   * @param {{ allTabs?: boolean }} [options] allTabs: every tab of this user, as for a log-out
   */
  close({ allTabs = false } = {}) {
    this.#port?.post({ type: 'close', allTabs });
    this.#over({ state: 'closed', reason: 'closed' }, true);
  }

  /**
   * @param {import('./port.js').PagePort} port
   * @param {Exclude<ToPage, { type: 'ready' }>} message
   */
  #handle(port, message) {
    switch (message.type) {
      case 'message':
        if (++this.#taken % ACK_EVERY === 0) {
          port.post({ type: 'ack' });
        }
        return this.#deliver(message);
      case 'token':
        return void this.#giveToken(port);
      case 'opened':
        return this.#opened(port);
      case 'status':
        return message.status.state === 'closed' ? this.#over(message.status) : this.#statusIs(message.status);
      case 'broker':
      case 'tabs':
        return this.#tell(message.type, message.value);
      case 'subscribed':
        return this.#subscribed(message.channel);
      case 'gap':
        return this.#gap(message.channel, message.reason);
      case 'ended':
        return this.#ended(message.channel, toError(message.failure));
      case 'settled':
        return this.#pending.get(message.id)?.settle(message.failure && toError(message.failure));
      case 'error':
        return this.#report(toError(message.failure));
      case 'debug':
        return console.debug('MessageBus', message.text);
      default:
        /** @satisfies {never} */ (message);
    }
  }

  /** @param {import('./port.js').PagePort} port */
  async #giveToken(port) {
    try {
      port.post({ type: 'token', token: await this.#token?.() });
    } catch (error) {
      this.#report(error);
      port.post({ type: 'token', failure: { code: `${/** @type {{ code?: string } | undefined} */ (error)?.code}` } });
    }
  }

  /** @param {import('./port.js').PagePort} port */
  #opened(port) {
    this.#port = port;
    this.#channels.forEach((_, channel) => port.post({ type: 'subscribe', channel }));
    this.#pending.forEach(({ message }) => port.post(message));
  }

  /** The worker is gone, and with it the replies. The host makes another. */
  #lost() {
    this.#line = null;
    if (this.#port) {
      this.#port = null;
      this.#rejectAll('connection_lost');
    }
    this.#statusIs({ state: 'connecting', attempt: 1 }, 'worker_lost');
  }

  /**
   * @param {Extract<Status, { state: 'closed' }>} status
   * @param {boolean} [isOurs] the application has asked for it, here
   */
  #over(status, isOurs) {
    if (this.#end) {
      return;
    }
    const end = this.#end = new MessageBusError('closed', status.reason);
    this.#host?.leave();
    this.#host = undefined;
    this.#line = this.#port = null;
    this.#rejectAll('closed', status.reason);
    this.#statusIs(status, 'reconnected');
    if (!isOurs) {
      const isTold = [...this.#channels].every(([channel, subscribers]) => this.#refuse(subscribers, channel, new MessageBusError('closed', status.reason, { channel })));
      if (!isTold && status.reason !== 'closed') {
        this.#report(end);
      }
    }
  }

  /**
   * @param {ErrorCode} code
   * @param {string} [text]
   */
  #rejectAll(code, text) {
    this.#pending.forEach(({ message: { channel }, settle }) => settle(new MessageBusError(code, text, { channel })));
  }

  /**
   * @param {Status} status
   * @param {GapReason} [lost] subscriptions are gone, not only the messages of the meantime
   */
  #statusIs(status, lost) {
    this.status = status;
    this.#tell('status', status);
    if (status.state !== 'connected') {
      this.#channels.forEach((subscribers, channel) => {
        if (lost) {
          this.#lostChannels.set(channel, lost);
        }
        this.#each(subscribers, subscriber => this.#stateIs(subscriber, channel, status.state === 'closed' ? 'failed' : 'subscribing'));
      });
    }
  }

  /**
   * @param {Subscriber} subscriber
   * @param {string} channel
   * @param {SubscriptionState} state
   */
  #stateIs(subscriber, channel, state) {
    if (subscriber.state !== state) {
      subscriber.state = state;
      subscriber.onState?.(state, channel);
    }
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
      this.#stateIs(subscriber, channel, 'subscribed');
      onSubscribed?.(channel);
    });
    const lost = this.#lostChannels.get(channel);
    if (lost) {
      this.#lostChannels.delete(channel);
      this.#gap(channel, lost);
    }
  }

  /**
   * @param {string | undefined} channel
   * @param {GapReason} reason
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
    if (!this.#refuse(subscribers, channel, error)) {
      this.#report(error);
    }
  }

  /**
   * Says whether all of them listen to that.
   * @param {Iterable<Subscriber> | undefined} subscribers
   * @param {string} channel
   * @param {MessageBusError} error
   */
  #refuse(subscribers, channel, error) {
    let isTold = true;
    this.#each(new Set(subscribers), subscriber => {
      isTold &&= !!subscriber.onError;
      this.#stateIs(subscriber, channel, 'failed');
      subscriber.onError?.(error, channel);
    });
    return isTold;
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

/** What a loop over messages() may leave unread. */
const MAX_UNREAD = 10_000;

/** @param {unknown} error */
const print = error => console.error('MessageBus:', error);

/** @param {import('./port.js').Failure} failure */
const toError = ({ code, message, ...about }) => new MessageBusError(/** @type {ErrorCode} */ (code), message, about);

/**
 * A copy of the bytes, which may come from another realm: a frame, the environment of a test.
 * @param {unknown} payload
 */
const toBytes = payload => / (Uint8Array|ArrayBuffer)]/.test(Object.prototype.toString.call(payload)) ? new Uint8Array(/** @type {ArrayBuffer} */ (payload)).slice() : undefined;

/**
 * Relative to the page, whose own address may be none: about:srcdoc, blob:. Where pages are only rendered there is none at all.
 * @param {string} url
 */
function absolute(url) {
  const { document, location, origin } = globalThis;
  const base = [document?.baseURI, location?.href, origin].find(address => /^http/.test(address)) ?? 'http://server';
  return new URL(url, base).href.replace(/^http/, 'ws');
}

/**
 * @param {AbortSignal | undefined} signal
 * @param {() => void} act
 * @returns {() => void} not any more
 */
function whenAborted(signal, act) {
  signal?.addEventListener('abort', act);
  return () => signal?.removeEventListener('abort', act);
}

function isDebugged() {
  try {
    return globalThis.localStorage?.messagebus === 'debug';
  } catch {
    return false; // The browser keeps nothing for this page.
  }
}
