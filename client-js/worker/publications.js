import { byteLength, toBody } from './protocol.js';
import { Timers } from './timers.js';

/**
 * @typedef {import('./connection.js').Link} Link
 * @typedef {import('./protocol.js').Body} Body
 *
 * @callback Settle called once, with what went wrong if anything did
 * @param {import('../port.js').Failure} [failure]
 * @returns {void}
 *
 * @typedef {{ id: number, channel: string, body: Body, bytes: number, settle: Settle }} Waiting
 * @typedef {{ waiting: Waiting[], bytes: number }} Queue
 */

/** What the application publishes: it waits for a connection and for its turn, and is settled by the reply or by the loss of the connection. */
export class Publications {
  /** By tab, in the order of their turns: one that publishes too much holds up only itself. @type {Map<unknown, Queue>} */
  #queues = new Map();
  /** Sent, by the id of the command. @type {Map<number | undefined, Settle>} */
  #inFlight = new Map();
  /** @type {{ link: Link, maxMessage: number } | null} */
  #attached = null;
  #timers;
  #limits;

  /**
   * @param {{ maxQueuedMessages: number, maxQueuedBytes: number }} limits of each tab
   * @param {import('./environment.js').Clock} clock
   */
  constructor(limits, clock) {
    this.#limits = limits;
    this.#timers = new Timers(clock);
  }

  /**
   * @param {unknown} tab
   * @param {Pick<import('../port.js').Publish, 'id' | 'channel' | 'payload' | 'queue'>} publish
   * @param {Settle} onSettled without a failure once the broker has accepted it
   */
  add(tab, { id, channel, payload, queue: mayWait }, onSettled) {
    /** @type {Settle} */
    const settle = failure => onSettled(failure && { ...failure, channel });
    const body = toBody(payload);
    const bytes = byteLength(channel + Object.values(body));
    const { maxQueuedMessages, maxQueuedBytes } = this.#limits;
    const queue = this.#queues.get(tab) ?? { waiting: [], bytes: 0 };
    const link = this.#attached?.link;
    const pause = link?.pace.untilPublish() ?? 0;
    if (!link && !mayWait) {
      settle({ code: 'not_connected', message: 'No connection.' });
    } else if (link && link.bufferedBytes() > maxQueuedBytes) {
      settle({ code: 'queue_full', message: 'Too much waits for the network.' });
    } else if (pause && !mayWait || queue.waiting.length >= maxQueuedMessages || queue.bytes + bytes > maxQueuedBytes) {
      settle(pause ? { code: 'rate_limited', message: 'More than the gateway takes of a connection, which all tabs share.', retryAfter: pause }
        : { code: 'queue_full', message: 'Too much waits.' });
    } else {
      queue.waiting.push({ id, channel, body, bytes, settle });
      queue.bytes += bytes;
      this.#queues.set(tab, queue);
      this.#sendWaiting();
    }
  }

  /**
   * Nobody waits for it any more.
   * @param {unknown} tab
   * @param {number} id
   */
  cancel(tab, id) {
    const queue = this.#queues.get(tab);
    const index = queue?.waiting.findIndex(waiting => waiting.id === id) ?? -1;
    if (queue && index >= 0) {
      queue.waiting.splice(index, 1).forEach(({ bytes }) => queue.bytes -= bytes);
      this.#keep(tab, queue);
    }
  }

  /**
   * Connected: what waited is sent, the messages of a tab in their order.
   * @param {Link} link
   * @param {number} maxMessage bytes that the gateway takes in one message
   */
  attach(link, maxMessage) {
    this.#attached = { link, maxMessage };
    this.#sendWaiting();
  }

  /**
   * The connection is gone, and with it the replies: whether the gateway got what was in flight cannot be known.
   * @param {import('../port.js').Failure} failure
   */
  detach(failure = { code: 'connection_lost', message: 'Lost, and perhaps published.' }) {
    this.#attached = null;
    this.#timers.clear();
    this.#inFlight.forEach(settle => settle(failure));
    this.#inFlight.clear();
  }

  /** @param {import('../port.js').Failure} failure */
  close(failure) {
    this.detach(failure);
    this.#queues.forEach(({ waiting }) => waiting.forEach(({ settle }) => settle(failure)));
    this.#queues.clear();
  }

  /**
   * The reply. Says whether the command was a publish.
   * @param {number | undefined} id
   * @param {import('../port.js').Failure} [failure]
   */
  settle(id, failure) {
    const settle = this.#inFlight.get(id);
    settle?.(failure);
    return this.#inFlight.delete(id);
  }

  #sendWaiting() {
    const attached = this.#attached;
    this.#timers.clear();
    while (attached && this.#queues.size) {
      const pause = attached.link.pace.publish();
      if (pause) {
        this.#timers.after(pause, () => this.#sendWaiting());
        return;
      }
      const [[tab, queue]] = /** @type {Iterable<[unknown, Queue]> & [[unknown, Queue]]} */ (/** @type {unknown} */ (this.#queues));
      const [next] = /** @type {[Waiting]} */ (queue.waiting.splice(0, 1));
      queue.bytes -= next.bytes;
      this.#queues.delete(tab); // The others come first now.
      this.#keep(tab, queue);
      this.#send(next, attached);
    }
  }

  /**
   * @param {unknown} tab
   * @param {Queue} queue
   */
  #keep(tab, queue) {
    queue.waiting.length ? this.#queues.set(tab, queue) : this.#queues.delete(tab);
  }

  /**
   * @param {Waiting} publication
   * @param {{ link: Link, maxMessage: number }} attached
   */
  #send({ channel, body, settle }, { link, maxMessage }) {
    const id = link.send({ type: 'publish', channel, ...body }, maxMessage);
    if (id) {
      this.#inFlight.set(id, settle);
    } else {
      // The gateway would close the connection (1009), for all channels and all that is in flight.
      settle({ code: 'too_large', message: `The gateway takes ${maxMessage} bytes.` });
    }
  }
}
