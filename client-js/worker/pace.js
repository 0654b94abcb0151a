/**
 * What a gateway takes of one connection: `limits` of `connected`. What is not there is not limited.
 * @typedef {{ commands?: number, commandBurst?: number, publishes?: number, subscribes?: number, subscriptions?: number }} Limits
 */

/** A bit slower than the gateway allows: on the way to it the times between commands change. */
const SHARE = 0.9;

/** A token bucket as one number, the moment when it is full again. */
class Bucket {
  #fullAt = 0;
  #interval;
  #capacity;

  /**
   * @param {number | undefined} perSecond
   * @param {number | undefined} burst
   */
  constructor(perSecond = Infinity, burst = perSecond) {
    this.#interval = 1_000 / (perSecond * SHARE);
    this.#capacity = Math.max(1, Math.floor(burst * SHARE)) * this.#interval || 0;
  }

  /** ms until there is a token. @param {number} now */
  wait(now) {
    return Math.max(0, Math.ceil(Math.max(this.#fullAt, now) + this.#interval - now - this.#capacity - 1e-6));
  }

  /** On credit where there is none. @param {number} now */
  take(now) {
    this.#fullAt = Math.max(this.#fullAt, now) + this.#interval;
  }
}

/** How fast may be sent. A connection that sends faster is closed, for all channels and all tabs. */
export class Pace {
  #clock;
  #commands;
  #publishes;
  #subscribes;

  /**
   * @param {import('./environment.js').Clock} clock
   * @param {Limits} [limits]
   */
  constructor(clock, { commands, commandBurst, publishes, subscribes, subscriptions } = {}) {
    this.#clock = clock;
    this.#commands = new Bucket(commands, commandBurst);
    this.#publishes = new Bucket(publishes);
    this.#subscribes = new Bucket(subscribes, subscriptions);
  }

  /** ms after which a publish may be sent. */
  untilPublish() {
    return this.#until(this.#publishes);
  }

  /** The same; 0: now, and it is counted. */
  publish() {
    return this.#take(this.#publishes);
  }

  /** The same of a subscribe. */
  subscribe() {
    return this.#take(this.#subscribes);
  }

  /** Another command, which is never held back but counts. */
  count() {
    this.#commands.take(this.#clock.now());
  }

  /** @param {Bucket} bucket */
  #until(bucket) {
    const now = this.#clock.now();
    return Math.max(bucket.wait(now), this.#commands.wait(now));
  }

  /** @param {Bucket} bucket */
  #take(bucket) {
    const now = this.#clock.now();
    const wait = this.#until(bucket);
    if (!wait) {
      bucket.take(now);
      this.#commands.take(now);
    }
    return wait;
  }
}
