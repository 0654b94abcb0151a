import { byteLength, toBody } from './protocol.js';

/**
 * @typedef {import('./connection.js').Link} Link
 * @typedef {import('./protocol.js').Body} Body
 *
 * @callback Settle called once, with what went wrong if anything did
 * @param {import('../port.js').Failure} [failure]
 * @returns {void}
 *
 * @typedef {{ channel: string, body: Body, bytes: number, settle: Settle }} Waiting
 */

/** What the application publishes: it waits while there is no connection, and is settled by the reply or by the loss of the socket. */
export class Publications {
  /** @type {Waiting[]} */
  #queue = [];
  #queuedBytes = 0;
  /** Sent, by the id of the command. @type {Map<number | undefined, Settle>} */
  #inFlight = new Map();
  /** @type {{ link: Link, maxMessage: number } | null} */
  #attached = null;
  #limits;

  /** @param {{ maxQueuedMessages: number, maxQueuedBytes: number }} limits */
  constructor(limits) {
    this.#limits = limits;
  }

  /**
   * @param {string} channel
   * @param {string | Uint8Array} payload
   * @param {boolean} mayWait for a connection
   * @param {Settle} settle without a failure once the broker has accepted it
   */
  add(channel, payload, mayWait, settle) {
    const body = toBody(payload);
    const bytes = byteLength(channel + Object.values(body));
    const publication = { channel, body, bytes, settle };
    const attached = this.#attached;
    if (!attached && !mayWait) {
      settle({ code: 'not_connected', message: 'No connection.' });
    } else if (attached ? attached.link.bufferedBytes() > this.#limits.maxQueuedBytes : this.#queue.length >= this.#limits.maxQueuedMessages || this.#queuedBytes + bytes > this.#limits.maxQueuedBytes) {
      settle({ code: 'queue_full', message: 'Too much waits.' });
    } else if (attached) {
      this.#send(publication, attached);
    } else {
      this.#queue.push(publication);
      this.#queuedBytes += bytes;
    }
  }

  /**
   * Connected: what waited is sent, in order.
   * @param {Link} link
   * @param {number} maxMessage bytes that the gateway takes in one message
   */
  attach(link, maxMessage) {
    const attached = { link, maxMessage };
    this.#attached = attached;
    this.#takeQueue().forEach(publication => this.#send(publication, attached));
  }

  /** The socket is gone, and with it the replies: whether the gateway got what was in flight cannot be known. */
  detach(failure = { code: 'connection_lost', message: 'Lost, and perhaps published.' }) {
    this.#attached = null;
    this.#inFlight.forEach(settle => settle(failure));
    this.#inFlight.clear();
  }

  /** @param {import('../port.js').Failure} failure */
  close(failure) {
    this.detach(failure);
    this.#takeQueue().forEach(({ settle }) => settle(failure));
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

  #takeQueue() {
    this.#queuedBytes = 0;
    return this.#queue.splice(0);
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
