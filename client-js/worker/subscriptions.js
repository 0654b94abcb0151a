import { Timers } from './timers.js';

/**
 * @typedef {import('./connection.js').Link} Link
 * @typedef {import('../port.js').Failure} Failure
 * @typedef {import('./environment.js').Clock} Clock
 * @typedef {import('./connection.js').ConnectionEvent} ConnectionEvent
 *
 * `stage`: how far it has come on the present socket. `id`: of the last command that asked for it.
 * `before`: an earlier socket had the subscription, so what was published in between is missing.
 * @typedef {{ stage: 'unsent' | 'requested' | 'subscribed' | 'refused', id: number, before: boolean }} Subscription
 */

/** Before the gateway is asked again for a subscription that it refused without a `retryAfter`, ms. */
const RETRY_AFTER = 1_000;

/** The channels that the application wants, and what the gateway knows of them. They outlive the sockets. */
export class Subscriptions {
  /** @type {Map<string, Subscription>} */
  #channels = new Map();
  /** @type {Link | null} */
  #link = null;
  #timers;
  #emit;

  /**
   * @param {Clock} clock
   * @param {(event: ConnectionEvent) => void} emit
   */
  constructor(clock, emit) {
    this.#timers = new Timers(clock);
    this.#emit = emit;
  }

  get channels() {
    return [...this.#channels.keys()];
  }

  /** Says whether messages of it flow already. @param {string} channel */
  add(channel) {
    if (!this.#channels.has(channel)) {
      this.#channels.set(channel, { stage: 'unsent', id: 0, before: false });
      this.#request(channel);
    }
    return this.#channels.get(channel)?.stage === 'subscribed';
  }

  /** @param {string} channel */
  remove(channel) {
    const stage = this.#channels.get(channel)?.stage;
    this.#channels.delete(channel);
    if (stage === 'requested' || stage === 'subscribed') {
      this.#link?.send({ type: 'unsubscribe', channel });
    }
  }

  /**
   * There is a socket, and its connect command, which named every channel, had this id.
   * @param {Link} link
   * @param {number} id
   */
  attach(link, id) {
    this.#link = link;
    this.#channels.forEach(subscription => Object.assign(subscription, { stage: 'requested', id }));
  }

  /** The socket is gone. */
  detach() {
    this.#link = null;
    this.#timers.clear();
    this.#channels.forEach(subscription => subscription.stage = 'unsent');
  }

  /**
   * `subscribed`: the live flow of the channel has started.
   * A reply to a command that has been overtaken by an unsubscribe and a new subscribe is not the one waited for.
   * @param {string} channel
   * @param {number} [id]
   */
  confirm(channel, id) {
    const subscription = this.#channels.get(channel);
    if (!subscription || !isAnswer(subscription, id)) {
      return;
    }
    subscription.stage = 'subscribed';
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
   * @param {Failure} failure
   */
  refuse({ id, channel: named }, failure) {
    const { code, retryAfter } = failure;
    const channel = named ?? [...this.#channels].find(([, subscription]) => id && isAnswer(subscription, id))?.[0] ?? '';
    const subscription = this.#channels.get(channel);
    if (!subscription || !isAnswer(subscription, id)) {
      return false;
    }
    if (code === 'unavailable' || retryAfter !== undefined) {
      this.#requestLater(channel, subscription, retryAfter ?? RETRY_AFTER);
    } else {
      this.end(channel, code === 'too_many_subscriptions' ? { ...failure, message: `${failure.message} All tabs share the connection.` } : failure);
    }
    return true;
  }

  /**
   * @param {string} channel
   * @param {Failure} failure
   */
  end(channel, failure) {
    if (this.#channels.delete(channel)) {
      this.#emit({ type: 'ended', channel, failure: { ...failure, channel } });
    }
  }

  /** The broker is back: what it could not do is asked for again at once. */
  retry() {
    this.#channels.forEach(({ stage }, channel) => stage === 'refused' && this.#request(channel));
  }

  /** @param {string} channel */
  #request(channel) {
    const subscription = this.#channels.get(channel);
    const pause = subscription && this.#link?.pace.subscribe();
    if (subscription && pause) {
      this.#requestLater(channel, subscription, pause);
    } else if (subscription && this.#link) {
      Object.assign(subscription, { stage: 'requested', id: this.#link.send({ type: 'subscribe', channel }) });
    }
  }

  /**
   * @param {string} channel
   * @param {Subscription} subscription
   * @param {number} ms
   */
  #requestLater(channel, subscription, ms) {
    subscription.stage = 'refused';
    const { id } = subscription;
    this.#timers.after(ms, () => {
      if (this.#channels.get(channel) === subscription && subscription.stage === 'refused' && subscription.id === id) {
        this.#request(channel);
      }
    });
  }
}

/**
 * The answers to the subscriptions of connect carry no id.
 * @param {Subscription} subscription
 * @param {number} [id]
 */
const isAnswer = (subscription, id) => subscription.stage === 'requested' && (id === undefined || id === subscription.id);
