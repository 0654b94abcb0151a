import { CLOSE_REASONS, MAX_ID, MessageBusError, SUBPROTOCOL, encodeCommand, parseServerMessage } from './protocol.js';
import { Publications } from './publications.js';
import { Subscriptions } from './subscriptions.js';

/**
 * @typedef {object} Clock
 * @property {() => number} now ms
 * @property {(callback: () => void, ms: number) => unknown} setTimeout
 * @property {(timer: any) => void} clearTimeout
 *
 * What the parts of a connection send through, for as long as one socket lives.
 * @typedef {object} Link
 * @property {() => number} nextId
 * @property {(text: string) => void} send
 * @property {() => number} bufferedBytes
 *
 * @typedef {object} ConnectionOptions
 * @property {string} url absolute, ws: or wss:
 * @property {typeof globalThis.WebSocket} WebSocket
 * @property {Clock} clock
 * @property {() => number} random from 0 up to 1
 * @property {number} maxQueuedMessages
 * @property {number} maxQueuedBytes
 *
 * What an application sees of the state. `reason` is a code of README.md; `closeCode` is there where the gateway closed the socket.
 * @typedef {{ state: 'idle' }
 *   | { state: 'connecting', attempt: number }
 *   | { state: 'connected', connection?: string, user?: string }
 *   | { state: 'waiting', reason: string, closeCode?: number, attempt: number, retryAt: number }
 *   | { state: 'closed', reason: string, closeCode?: number }} Status
 *
 * `attempt` counts the connections that failed or were lost since the last one that held.
 * @typedef {{ name: 'idle' }
 *   | { name: 'opening', socket: WebSocket, deadline: unknown }
 *   | { name: 'greeting', socket: WebSocket, deadline: unknown, link: Link }
 *   | { name: 'connected', socket: WebSocket, since: number, heard: number, silence: number, silenceTimer: unknown, moveTimer: unknown,
 *       connection?: string, user?: string }
 *   | { name: 'waiting', reason: string, closeCode?: number, retryAt: number, timer: unknown }
 *   | { name: 'closed', reason: string, closeCode?: number }} State
 *
 * @typedef {{ type: 'status', status: Status }
 *   | { type: 'subscribed', channel: string }
 *   | { type: 'ended', channel: string, error: MessageBusError }
 *   | { type: 'message', channel: string, payload: string, bytes?: Uint8Array }
 *   | { type: 'gap', channel?: string, reason: string }
 *   | { type: 'broker', broker: 'up' | 'down' }
 *   | { type: 'error', error: MessageBusError }} ConnectionEvent
 */

/** From the first byte to `connected`, ms. The gateway allows as much for connect alone. */
const CONNECT_DEADLINE = 10_000;
/** The gateway pings this often unless it says otherwise, s. */
const DEFAULT_PING_INTERVAL = 25;
/** How much later than pingInterval a ping may be, ms. */
const SILENCE_GRACE = 10_000;
const FIRST_RETRY = 500;
const LONGEST_RETRY = 30_000;
/** A connection that ends sooner counts as failed, so that one which is closed again at once backs off too, ms. */
const STABLE_AFTER = 10_000;
const DEFAULT_MAX_MESSAGE = 64 * 1024;

/**
 * The one connection to a gateway, over as many sockets as it takes. It knows WebSocket and timers, and nothing of
 * a page: what happens is told to `emit` as plain objects, which could as well be posted to another thread.
 */
export class Connection {
  /** @type {State} */
  #state = { name: 'idle' };
  #attempt = 0;
  /** @type {'up' | 'down'} */
  #broker = 'up';
  #options;
  #emit;
  #subscriptions;
  #publications;

  /**
   * @param {ConnectionOptions} options
   * @param {(event: ConnectionEvent) => void} emit must not throw
   */
  constructor(options, emit) {
    this.#options = options;
    this.#emit = emit;
    this.#subscriptions = new Subscriptions(options.clock, emit);
    this.#publications = new Publications(options);
  }

  /** @returns {Status} */
  get status() {
    const state = this.#state;
    switch (state.name) {
      case 'idle':
        return { state: 'idle' };
      case 'opening':
      case 'greeting':
        return { state: 'connecting', attempt: this.#attempt };
      case 'connected':
        return { state: 'connected', connection: state.connection, user: state.user };
      case 'waiting':
        return { state: 'waiting', reason: state.reason, closeCode: state.closeCode, attempt: this.#attempt, retryAt: state.retryAt };
      case 'closed':
        return { state: 'closed', reason: state.reason, closeCode: state.closeCode };
    }
  }

  /** @param {string} channel */
  subscribe(channel) {
    this.#subscriptions.add(channel);
    if (this.#state.name === 'closed') {
      const error = closedError(this.#state.reason);
      queueMicrotask(() => this.#subscriptions.end(channel, error));
    } else if (this.#state.name === 'idle') {
      this.#open();
    }
  }

  /** @param {string} channel */
  unsubscribe(channel) {
    this.#subscriptions.remove(channel);
  }

  /**
   * @param {string} channel
   * @param {import('./protocol.js').Body} body
   * @returns {Promise<void>}
   */
  publish(channel, body) {
    if (this.#state.name === 'closed') {
      return Promise.reject(closedError(this.#state.reason));
    }
    const published = this.#publications.add(channel, body);
    if (this.#state.name === 'idle') {
      this.#open();
    }
    return published;
  }

  /** For good. */
  close() {
    if (this.#state.name !== 'closed') {
      this.#stop('closed');
    }
  }

  #open() {
    const { url, WebSocket, clock } = this.#options;
    /** @type {WebSocket} */
    let socket;
    try {
      socket = new WebSocket(url, [SUBPROTOCOL]);
    } catch {
      // The browser will not have this URL, now or later: ws: from an https: page, say.
      this.#stop('refused_by_browser');
      return;
    }
    // A socket that has been given up may still speak; nobody listens.
    const isCurrent = () => 'socket' in this.#state && this.#state.socket === socket;
    socket.onopen = () => isCurrent() && this.#greet(socket);
    socket.onmessage = event => isCurrent() && this.#receive(event.data);
    socket.onclose = event => isCurrent() && this.#closedByServer(event.code);
    const deadline = clock.setTimeout(() => this.#reconnectLater('connect_timeout'), CONNECT_DEADLINE);
    this.#enter({ name: 'opening', socket, deadline });
  }

  /** @param {WebSocket} socket */
  #greet(socket) {
    if (this.#state.name !== 'opening') {
      return;
    }
    let lastId = 0;
    /** @type {Link} */
    const link = {
      nextId: () => lastId = lastId % MAX_ID + 1,
      send: text => socket.send(text),
      bufferedBytes: () => socket.bufferedAmount,
    };
    const id = link.nextId();
    this.#state = { name: 'greeting', socket, deadline: this.#state.deadline, link };
    link.send(encodeCommand({ type: 'connect', id, subscriptions: this.#subscriptions.channels.map(channel => ({ channel })) }));
    this.#subscriptions.attach(link, id);
  }

  /** @param {unknown} text */
  #receive(text) {
    if (this.#state.name === 'connected') {
      this.#state.heard = this.#options.clock.now();
    }
    const message = parseServerMessage(text);
    switch (message?.type) {
      case 'connected':
        return this.#connected(message);
      case 'subscribed':
        return this.#subscriptions.confirm(message.channel, message.id);
      case 'unsubscribed':
        // With an id it answers our own command; without one it is the server that ends the subscription.
        return message.id === undefined
          ? this.#subscriptions.end(message.channel, endedError(message.channel, message.reason ?? 'unsubscribed'))
          : undefined;
      case 'published':
        return this.#publications.resolve(message.id);
      case 'message':
      case 'gap':
        return this.#emit(message);
      case 'ping':
        return 'socket' in this.#state ? this.#state.socket.send(encodeCommand({ type: 'pong' })) : undefined;
      case 'status':
        return this.#brokerIs(message.broker);
      case 'moving':
        return this.#moveWithin(message.within);
      case 'error':
        return this.#refused(message);
      case undefined:
        return; // Of a newer gateway, or malformed: either way not for us.
      default:
        return unreachable(message);
    }
  }

  /** @param {Extract<import('./protocol.js').ServerMessage, { type: 'connected' }>} message */
  #connected({ connection, user, pingInterval = DEFAULT_PING_INTERVAL, maxMessage = DEFAULT_MAX_MESSAGE }) {
    if (this.#state.name !== 'greeting') {
      return;
    }
    const { socket, deadline, link } = this.#state;
    const { clock } = this.#options;
    const now = clock.now();
    const silence = pingInterval * 1_000 + SILENCE_GRACE;
    clock.clearTimeout(deadline);
    this.#publications.attach(link, maxMessage);
    this.#enter({
      name: 'connected', socket, since: now, heard: now, silence, connection, user, moveTimer: undefined,
      silenceTimer: clock.setTimeout(() => this.#checkSilence(), silence),
    });
    this.#brokerIs('up'); // A gateway without one says so next.
  }

  /** One timer for a connection, not one for each message: it looks at when something was heard last. */
  #checkSilence() {
    if (this.#state.name !== 'connected') {
      return;
    }
    const { clock } = this.#options;
    const quiet = clock.now() - this.#state.heard;
    if (quiet >= this.#state.silence) {
      this.#reconnectLater('silence');
    } else {
      // A wall clock that was set back must not make the wait longer.
      this.#state.silenceTimer = clock.setTimeout(() => this.#checkSilence(), this.#state.silence - Math.max(quiet, 0));
    }
  }

  /** @param {'up' | 'down'} broker */
  #brokerIs(broker) {
    if (broker !== this.#broker) {
      this.#broker = broker;
      this.#emit({ type: 'broker', broker });
    }
    if (broker === 'up') {
      this.#subscriptions.retry();
    }
  }

  /** @param {Extract<import('./protocol.js').ServerMessage, { type: 'error' }>} message */
  #refused(message) {
    const error = new MessageBusError(message.code, message.message, message.retryAfter);
    if (!this.#publications.reject(message.id, error) && !this.#subscriptions.refuse(message)) {
      this.#emit({ type: 'error', error });
    }
  }

  /** The gateway is about to go: its clients leave one by one, not all when it closes. @param {number} within ms */
  #moveWithin(within) {
    if (this.#state.name === 'connected' && this.#state.moveTimer === undefined) {
      this.#state.moveTimer = this.#options.clock.setTimeout(() => {
        this.#release();
        this.#open();
      }, this.#options.random() * within);
    }
  }

  /** @param {number} closeCode */
  #closedByServer(closeCode) {
    const reason = CLOSE_REASONS.get(closeCode) ?? 'connection_lost';
    // 44xx: do not come back as you are. Everything else may be better next time.
    if (closeCode >= 4400 && closeCode < 4500) {
      this.#stop(reason, closeCode);
    } else {
      this.#reconnectLater(reason, closeCode);
    }
  }

  /**
   * Full jitter: anywhere between at once and the limit, so that many clients do not come back together.
   * @param {string} reason
   * @param {number} [closeCode]
   */
  #reconnectLater(reason, closeCode) {
    const { clock, random } = this.#options;
    if (this.#state.name === 'connected' && clock.now() - this.#state.since >= STABLE_AFTER) {
      this.#attempt = 0;
    }
    const delay = random() * Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** this.#attempt);
    this.#attempt++;
    this.#release();
    this.#enter({ name: 'waiting', reason, closeCode, retryAt: clock.now() + delay, timer: clock.setTimeout(() => this.#open(), delay) });
  }

  /**
   * @param {string} reason
   * @param {number} [closeCode]
   */
  #stop(reason, closeCode) {
    this.#release();
    this.#publications.close(closedError(reason));
    this.#enter({ name: 'closed', reason, closeCode });
    for (const channel of this.#subscriptions.channels) {
      this.#subscriptions.end(channel, closedError(reason));
    }
  }

  /** Lets go of all that the present state holds. The state is `idle` until the caller enters the next one. */
  #release() {
    const state = this.#state;
    const { clock } = this.#options;
    this.#state = { name: 'idle' };
    switch (state.name) {
      case 'opening':
      case 'greeting':
        clock.clearTimeout(state.deadline);
        state.socket.close(1000);
        break;
      case 'connected':
        clock.clearTimeout(state.silenceTimer);
        clock.clearTimeout(state.moveTimer);
        state.socket.close(1000);
        break;
      case 'waiting':
        clock.clearTimeout(state.timer);
        break;
      case 'idle':
      case 'closed':
        break;
      default:
        unreachable(state);
    }
    this.#subscriptions.detach();
    this.#publications.detach();
  }

  /** @param {State} state */
  #enter(state) {
    this.#state = state;
    this.#emit({ type: 'status', status: this.status });
  }
}

/** @param {string} reason */
const closedError = reason => new MessageBusError('closed', `The connection is closed: ${reason}.`);

/**
 * @param {string} channel
 * @param {string} reason
 */
const endedError = (channel, reason) => new MessageBusError(reason, `The gateway ended the subscription to ${channel}: ${reason}.`);

/** @param {never} value */
function unreachable(value) {
  throw new TypeError(`Not handled: ${JSON.stringify(value)}`);
}
