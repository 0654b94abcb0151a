import { encodeCommand } from './protocol.js';

/**
 * @typedef {import('./connection.js').Link} Link
 * @typedef {import('./error.js').MessageBusError} MessageBusError
 * @typedef {import('./environment.js').Clock} Clock
 * @typedef {import('./connection.js').ConnectionEvent} ConnectionEvent
 *
 * How far a channel has come on the present socket.
 * @typedef {{ name: 'unsent' }
 *   | { name: 'requested', id: number }
 *   | { name: 'subscribed' }
 *   | { name: 'refused', retry: unknown }} Stage
 *
 * `before`: an earlier socket had the subscription, so what was published in between is missing.
 * @typedef {{ stage: Stage, before: boolean }} Subscription
 */

/** Before the gateway is asked again for a subscription that it refused without a `retryAfter`, ms. */
const RETRY_AFTER = 1_000;

/** The channels that the application wants, and what the gateway knows of them. They outlive the sockets. */
export class Subscriptions {
  /** @type {Map<string, Subscription>} */
  #channels = new Map();
  /** @type {Link | null} */
  #link = null;
  #clock;
  #emit;

  /**
   * @param {Clock} clock
   * @param {(event: ConnectionEvent) => void} emit
   */
  constructor(clock, emit) {
    this.#clock = clock;
    this.#emit = emit;
  }

  get channels() {
    return [...this.#channels.keys()];
  }

  /** Whether messages of it flow. @param {string} channel */
  isSubscribed(channel) {
    return this.#channels.get(channel)?.stage.name === 'subscribed';
  }

  /** @param {string} channel */
  add(channel) {
    if (!this.#channels.has(channel)) {
      this.#channels.set(channel, { stage: { name: 'unsent' }, before: false });
      this.#request(channel);
    }
  }

  /** @param {string} channel */
  remove(channel) {
    const stage = this.#forget(channel);
    if (stage?.name === 'requested' || stage?.name === 'subscribed') {
      this.#link?.send(encodeCommand({ type: 'unsubscribe', id: this.#link.nextId(), channel }));
    }
  }

  /**
   * There is a socket, and its connect command, which named every channel, had this id.
   * @param {Link} link
   * @param {number} id
   */
  attach(link, id) {
    this.#link = link;
    for (const subscription of this.#channels.values()) {
      subscription.stage = { name: 'requested', id };
    }
  }

  /** The socket is gone. */
  detach() {
    this.#link = null;
    for (const subscription of this.#channels.values()) {
      this.#leave(subscription.stage);
      subscription.stage = { name: 'unsent' };
    }
  }

  /**
   * `subscribed`: the live flow of the channel has started.
   * A reply to a command that has been overtaken by an unsubscribe and a new subscribe is not the one waited for.
   * @param {string} channel
   * @param {number} [id]
   */
  confirm(channel, id) {
    const subscription = this.#channels.get(channel);
    if (!subscription || !isAnswer(subscription.stage, id)) {
      return;
    }
    subscription.stage = { name: 'subscribed' };
    const { before } = subscription;
    subscription.before = true;
    this.#emit({ type: 'subscribed', channel });
    if (before) {
      // Only now, so that an application that fetches its data again misses nothing.
      this.#emit({ type: 'gap', channel, reason: 'reconnected' });
    }
  }

  /**
   * `error`. Says whether it was about a subscription.
   * @param {{ id?: number, channel?: string }} about
   * @param {MessageBusError} error
   */
  refuse({ id, channel: named }, error) {
    const { code, retryAfter } = error;
    const channel = named ?? this.#channelOf(id);
    const subscription = channel === undefined ? undefined : this.#channels.get(channel);
    if (channel === undefined || !subscription || !isAnswer(subscription.stage, id)) {
      return false;
    }
    if (code === 'unavailable' || retryAfter !== undefined) {
      const retry = this.#clock.setTimeout(() => this.#request(channel), retryAfter ?? RETRY_AFTER);
      subscription.stage = { name: 'refused', retry };
    } else {
      this.end(channel, error);
    }
    return true;
  }

  /**
   * @param {string} channel
   * @param {MessageBusError} error
   */
  end(channel, error) {
    if (this.#forget(channel)) {
      this.#emit({ type: 'ended', channel, error });
    }
  }

  /** The broker is back: what it could not do is asked for again at once. */
  retry() {
    for (const [channel, { stage }] of this.#channels) {
      if (stage.name === 'refused') {
        this.#leave(stage);
        this.#request(channel);
      }
    }
  }

  /** @param {string} channel */
  #request(channel) {
    const subscription = this.#channels.get(channel);
    if (subscription && this.#link) {
      const id = this.#link.nextId();
      subscription.stage = { name: 'requested', id };
      this.#link.send(encodeCommand({ type: 'subscribe', id, channel }));
    }
  }

  /** @param {number | undefined} id */
  #channelOf(id) {
    for (const [channel, { stage }] of this.#channels) {
      if (id !== undefined && stage.name === 'requested' && stage.id === id) {
        return channel;
      }
    }
    return undefined;
  }

  /** @param {string} channel */
  #forget(channel) {
    const stage = this.#channels.get(channel)?.stage;
    this.#channels.delete(channel);
    if (stage) {
      this.#leave(stage);
    }
    return stage;
  }

  /** @param {Stage} stage */
  #leave(stage) {
    if (stage.name === 'refused') {
      this.#clock.clearTimeout(stage.retry);
    }
  }
}

/**
 * The answers to the subscriptions of connect carry no id.
 * @param {Stage} stage
 * @param {number} [id]
 */
function isAnswer(stage, id) {
  return stage.name === 'requested' && (id === undefined || id === stage.id);
}
