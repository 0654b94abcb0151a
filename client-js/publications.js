import { MessageBusError } from './error.js';
import { byteLength, encodeCommand } from './protocol.js';

/**
 * @typedef {import('./connection.js').Link} Link
 * @typedef {import('./protocol.js').Body} Body
 *
 * @typedef {object} Promised
 * @property {() => void} resolve
 * @property {(error: MessageBusError) => void} reject
 *
 * @typedef {{ channel: string, body: Body, bytes: number } & Promised} Waiting
 */

/** What the application publishes: it waits while there is no connection, and is settled by the reply or by the loss of the socket. */
export class Publications {
  /** @type {Waiting[]} */
  #queue = [];
  #queuedBytes = 0;
  /** Sent, by the id of the command. @type {Map<number, Promised>} */
  #inFlight = new Map();
  /** @type {{ link: Link, maxMessage: number } | null} */
  #attached = null;
  #maxMessages;
  #maxBytes;

  /** @param {{ maxQueuedMessages: number, maxQueuedBytes: number }} limits */
  constructor({ maxQueuedMessages, maxQueuedBytes }) {
    this.#maxMessages = maxQueuedMessages;
    this.#maxBytes = maxQueuedBytes;
  }

  /**
   * Resolves once the broker has accepted it.
   * @param {string} channel
   * @param {Body} body
   * @param {boolean} mayWait for a connection
   * @returns {Promise<void>}
   */
  add(channel, body, mayWait) {
    return new Promise((resolve, reject) => {
      const bytes = byteLength(channel) + byteLength('payload' in body ? body.payload : body.base64);
      const publication = { channel, body, bytes, resolve, reject };
      if (this.#attached && this.#attached.link.bufferedBytes() > this.#maxBytes) {
        reject(new MessageBusError('queue_full', 'The network is slower than what is published.'));
      } else if (this.#attached) {
        this.#send(publication, this.#attached);
      } else if (!mayWait) {
        reject(new MessageBusError('not_connected', 'There is no connection.'));
      } else if (this.#queue.length >= this.#maxMessages || this.#queuedBytes + bytes > this.#maxBytes) {
        reject(new MessageBusError('queue_full', 'No room to wait for a connection.'));
      } else {
        this.#queue.push(publication);
        this.#queuedBytes += bytes;
      }
    });
  }

  /**
   * Connected: what waited is sent, in order.
   * @param {Link} link
   * @param {number} maxMessage bytes that the gateway takes in one message
   */
  attach(link, maxMessage) {
    const attached = { link, maxMessage };
    const queue = this.#queue;
    this.#attached = attached;
    this.#queue = [];
    this.#queuedBytes = 0;
    for (const publication of queue) {
      this.#send(publication, attached);
    }
  }

  /** The socket is gone, and with it the replies: whether the gateway got what was in flight cannot be known. */
  detach() {
    this.#attached = null;
    const lost = [...this.#inFlight.values()];
    this.#inFlight.clear();
    for (const { reject } of lost) {
      reject(new MessageBusError('connection_lost', 'The connection was lost: perhaps published, perhaps not.'));
    }
  }

  /** @param {MessageBusError} error */
  close(error) {
    this.detach();
    const queue = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    for (const { reject } of queue) {
      reject(error);
    }
  }

  /** @param {number} id */
  resolve(id) {
    this.#take(id)?.resolve();
  }

  /**
   * Says whether the command was a publish.
   * @param {number | undefined} id
   * @param {MessageBusError} error
   */
  reject(id, error) {
    const publication = this.#take(id);
    publication?.reject(error);
    return publication !== undefined;
  }

  /** @param {number | undefined} id */
  #take(id) {
    const promised = id === undefined ? undefined : this.#inFlight.get(id);
    if (promised && id !== undefined) {
      this.#inFlight.delete(id);
    }
    return promised;
  }

  /**
   * @param {Waiting} publication
   * @param {{ link: Link, maxMessage: number }} attached
   */
  #send({ channel, body, resolve, reject }, { link, maxMessage }) {
    const id = link.nextId();
    const text = encodeCommand({ type: 'publish', id, channel, ...body });
    const bytes = byteLength(text);
    if (bytes > maxMessage) {
      // The gateway would close the connection (1009), for all channels and all that is in flight.
      reject(new MessageBusError('too_large', `${bytes} bytes, where the gateway takes ${maxMessage}.`));
    } else {
      this.#inFlight.set(id, { resolve, reject });
      link.send(text);
    }
  }
}
