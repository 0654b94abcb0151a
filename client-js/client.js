import { Connection } from './connection.js';
import { MessageBusError, toBody } from './protocol.js';

export { MessageBusError };

/**
 * @typedef {import('./connection.js').Clock} Clock
 * @typedef {import('./connection.js').ConnectionEvent} ConnectionEvent
 * @typedef {import('./connection.js').Status} Status
 *
 * @typedef {object} MessageBusOptions
 * @property {string} [url] of the gateway, relative to the page; http: and https: mean ws: and wss:. Default '/bus'
 * @property {typeof globalThis.WebSocket} [WebSocket]
 * @property {Clock} [clock]
 * @property {() => number} [random] from 0 up to 1
 * @property {number} [maxQueuedMessages] publications that may wait while there is no connection. Default 1,000
 * @property {number} [maxQueuedBytes] bytes that these may take. Default 1 MiB
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
 * @typedef {{ onMessage: MessageCallback, told: boolean } & SubscribeOptions} Subscriber `told`: onSubscribed has been called
 *
 * @typedef {object} Events
 * @property {Status} status
 * @property {{ channel?: string, reason: string }} gap no channel: all of them
 * @property {'up' | 'down'} broker
 * @property {unknown} error what a callback threw, or a MessageBusError that belongs to no call
 */

/** What a browser's timer can hold; a longer one would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Wall time, and not performance.now(): the silence that counts includes the time in which a laptop slept. @type {Clock} */
const systemClock = {
  now: () => Date.now(),
  setTimeout: (callback, ms) => globalThis.setTimeout(callback, Math.min(ms, LONGEST_TIMER)),
  clearTimeout: timer => globalThis.clearTimeout(timer),
};

/** One publication, as the third argument of a subscriber. */
export class Message {
  #bytes;

  /**
   * @param {string} channel
   * @param {string} payload
   * @param {Uint8Array} [bytes]
   */
  constructor(channel, payload, bytes) {
    this.channel = channel;
    /** The text; U+FFFD stands where the bytes are not UTF-8. */
    this.payload = payload;
    this.#bytes = bytes;
  }

  /** Exactly what was published. */
  get bytes() {
    return this.#bytes ??= new TextEncoder().encode(this.payload);
  }
}

/** A page's connection to the bus. Nothing connects before the first subscribe or publish. */
export class MessageBus {
  #connection;
  /** `live`: the gateway has confirmed the subscription on the present socket. @type {Map<string, { live: boolean, subscribers: Set<Subscriber> }>} */
  #channels = new Map();
  /** @type {{ [Type in keyof Events]: Set<(event: Events[Type]) => void> }} */
  #listeners = { status: new Set(), gap: new Set(), broker: new Set(), error: new Set() };

  /** @param {MessageBusOptions} [options] */
  constructor({
    url = '/bus', WebSocket = globalThis.WebSocket, clock = systemClock, random = Math.random,
    maxQueuedMessages = 1_000, maxQueuedBytes = 1024 * 1024,
  } = {}) {
    const options = { url: toWebSocketUrl(url), WebSocket, clock, random, maxQueuedMessages, maxQueuedBytes };
    this.#connection = new Connection(options, event => this.#handle(event));
  }

  /** @returns {Status} */
  get status() {
    return this.#connection.status;
  }

  /** Who the gateway takes this page for; null while not connected, and for an anonymous one. */
  get user() {
    const { status } = this;
    return status.state === 'connected' ? status.user ?? null : null;
  }

  /**
   * Several subscribers of a channel share one subscription; it ends when the last one has left.
   * @param {string} channel
   * @param {MessageCallback} onMessage
   * @param {SubscribeOptions} [options]
   * @returns {() => void} leaves
   */
  subscribe(channel, onMessage, { onSubscribed, onGap, onError } = {}) {
    requireChannel(channel);
    if (typeof onMessage !== 'function') {
      throw new TypeError('subscribe(channel, callback): the callback is not a function.');
    }

    const subscriber = { onMessage, onSubscribed, onGap, onError, told: false };
    const entry = this.#channels.get(channel);
    if (entry) {
      entry.subscribers.add(subscriber);
      queueMicrotask(() => this.#tellSubscribed(channel));
    } else {
      this.#channels.set(channel, { live: false, subscribers: new Set([subscriber]) });
      this.#connection.subscribe(channel);
    }
    return () => this.#leave(channel, subscriber);
  }

  /**
   * Resolves once the broker has accepted the message; rejects with a {@link MessageBusError}.
   * @param {string} channel
   * @param {string | Uint8Array | ArrayBuffer} payload
   * @returns {Promise<void>}
   */
  async publish(channel, payload) {
    requireChannel(channel);
    return this.#connection.publish(channel, toBody(payload));
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

  /** For good: subscriptions end without a word, what waits to be published is rejected with the code `closed`. */
  close() {
    this.#channels.clear();
    this.#connection.close();
  }

  /**
   * @param {string} channel
   * @param {Subscriber} subscriber
   */
  #leave(channel, subscriber) {
    const entry = this.#channels.get(channel);
    if (entry?.subscribers.delete(subscriber) && entry.subscribers.size === 0) {
      this.#channels.delete(channel);
      this.#connection.unsubscribe(channel);
    }
  }

  /** @param {ConnectionEvent} event */
  #handle(event) {
    switch (event.type) {
      case 'status':
        return this.#statusIs(event.status);
      case 'broker':
        return this.#tell('broker', event.broker);
      case 'error':
        return this.#report(event.error);
      case 'message':
        return this.#deliver(new Message(event.channel, event.payload, event.bytes));
      case 'subscribed':
        return this.#subscribed(event.channel);
      case 'gap':
        return this.#gap(event.channel, event.reason);
      case 'ended':
        return this.#ended(event.channel, event.error);
      default:
        return unreachable(event);
    }
  }

  /** @param {Message} message */
  #deliver(message) {
    for (const { onMessage } of this.#subscribersOf(message.channel)) {
      this.#call(onMessage, message.payload, message.channel, message);
    }
  }

  /** @param {Status} status */
  #statusIs(status) {
    if (status.state !== 'connected') {
      for (const entry of this.#channels.values()) {
        entry.live = false;
      }
    }
    this.#tell('status', status);
  }

  /** @param {string} channel */
  #subscribed(channel) {
    const entry = this.#channels.get(channel);
    if (entry) {
      entry.live = true;
      this.#tellSubscribed(channel);
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

/** @param {string} url */
function toWebSocketUrl(url) {
  const absolute = new URL(url, globalThis.location?.href);
  absolute.protocol = absolute.protocol.replace(/^http/, 'ws');
  return absolute.href;
}

/** @param {unknown} channel */
function requireChannel(channel) {
  if (typeof channel !== 'string' || channel === '') {
    throw new TypeError('A channel is a string that is not empty.');
  }
}

/** @param {never} value */
function unreachable(value) {
  throw new TypeError(`Not handled: ${JSON.stringify(value)}`);
}
