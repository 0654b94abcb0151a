import { Backoff } from './backoff.js';
import { MessageBusError } from './error.js';
import { CLOSE_REASONS, MAX_ID, SUBPROTOCOL, encodeCommand, parseServerMessage, toBody } from './protocol.js';
import { Publications } from './publications.js';
import { Subscriptions } from './subscriptions.js';
import { Token } from './token.js';

/**
 * @typedef {import('./port.js').Status} Status
 *
 * What the parts of a connection send through, for as long as one socket lives.
 * @typedef {object} Link
 * @property {() => number} nextId
 * @property {(text: string) => void} send
 * @property {() => number} bufferedBytes
 *
 * @typedef {object} ConnectionOptions
 * @property {string} url absolute, ws: or wss:
 * @property {import('./environment.js').Environment} environment
 * @property {string} [token] the first one
 * @property {() => Promise<string>} [getToken] the next ones; undefined where the site needs none
 * @property {number} maxQueuedMessages
 * @property {number} maxQueuedBytes
 *
 * `isFresh`: the token was fetched for this very attempt.
 * @typedef {{ name: 'idle' }
 *   | { name: 'fetching' }
 *   | { name: 'opening', socket: WebSocket, isFresh: boolean }
 *   | { name: 'greeting', socket: WebSocket, isFresh: boolean, link: Link }
 *   | { name: 'connected', socket: WebSocket, link: Link, since: number, heard: number, silence: number, isMoving?: boolean, refreshId?: number }
 *   | { name: 'waiting' }
 *   | { name: 'offline' }
 *   | { name: 'closed' }} State
 *
 * @typedef {{ type: 'status', status: Status }
 *   | { type: 'subscribed', channel: string }
 *   | { type: 'ended', channel: string, error: MessageBusError }
 *   | import('./port.js').Publication
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
/** How often the silence is looked at, at least: a timer may stand still while a laptop sleeps, ms. */
const LONGEST_LOOK = 5_000;
/** A connection that ends sooner counts as failed, so that one which is closed again at once backs off too, ms. */
const STABLE_AFTER = 10_000;
/** A browser may be wrong about being offline: on a machine without a network, localhost is there, ms. */
const OFFLINE_RETRY = 30_000;
const DEFAULT_MAX_MESSAGE = 64 * 1024;
const UNAUTHORIZED = 4401;

/**
 * The one connection to a gateway, over as many sockets as it takes: the state machine. It knows WebSocket and timers, and
 * nothing of a page: what happens is told to `emit` as plain objects.
 */
export class Connection {
  /** @type {State} */
  #state = { name: 'idle' };
  /** The state, as the pages are told it. @type {Status} */
  status = { state: 'idle' };
  /** Of the present state: it ends, and they are off. @type {Set<unknown>} */
  #timers = new Set();
  /** @type {'up' | 'down'} */
  broker = 'up';
  /** As of the last connect; null before. @type {{ user: string | undefined } | null} */
  #known = null;
  #options;
  #environment;
  #emit;
  #backoff;
  #token;
  #subscriptions;
  #publications;

  /**
   * @param {ConnectionOptions} options
   * @param {(event: ConnectionEvent) => void} emit must not throw
   */
  constructor(options, emit) {
    const { environment } = options;
    this.#options = options;
    this.#environment = environment;
    this.#emit = emit;
    this.#backoff = new Backoff(environment.random);
    this.#token = new Token(environment.clock, options.token);
    this.#subscriptions = new Subscriptions(environment.clock, emit);
    this.#publications = new Publications(options);
  }

  /** Whom the gateway took it for at the last connect. */
  get user() {
    return this.#known?.user;
  }

  /** Says whether it was needed. */
  open() {
    const isIdle = this.#state.name === 'idle';
    if (isIdle) {
      this.#connect();
    }
    return isIdle;
  }

  /** @param {string} channel */
  isSubscribed(channel) {
    return this.#subscriptions.isSubscribed(channel);
  }

  /** @param {string} channel */
  subscribe(channel) {
    this.#subscriptions.add(channel);
  }

  /** @param {string} channel */
  unsubscribe(channel) {
    this.#subscriptions.remove(channel);
  }

  /**
   * @param {string} channel
   * @param {string | Uint8Array} payload
   * @param {boolean} mayWait for a connection
   * @returns {Promise<void>}
   */
  async publish(channel, payload, mayWait) {
    return this.#publications.add(channel, toBody(payload), mayWait);
  }

  /** For good. */
  close() {
    this.#stop('closed');
  }

  /** A page was woken, and the machine perhaps with it: a socket may have died meanwhile without a word. */
  wake() {
    const state = this.#state;
    if (state.name === 'waiting' || (state.name === 'connected' && this.#environment.clock.now() - state.heard >= state.silence)) {
      this.#reconnect();
    }
  }

  /** The browser has a network again. */
  online() {
    if (this.#state.name === 'offline') {
      this.#reconnect();
    } else {
      this.wake();
    }
  }

  /** The browser says that it has no network. */
  offline() {
    if (this.#state.name !== 'closed' && this.#state.name !== 'offline') {
      this.#release();
      this.#after(OFFLINE_RETRY, () => this.#connect());
      this.#enter({ name: 'offline' }, { state: 'offline', reason: 'offline', retryAt: this.#environment.clock.now() + OFFLINE_RETRY });
    }
  }

  #reconnect() {
    this.#release();
    this.#connect();
  }

  async #connect() {
    const { getToken } = this.#options;
    const { current } = this.#token;
    if (!getToken || current !== undefined) {
      this.#dial(current, false);
      return;
    }
    /** @type {State} */
    const fetching = { name: 'fetching' };
    this.#enter(fetching, { state: 'connecting', attempt: this.#backoff.attempt });
    try {
      const token = await getToken();
      if (this.#state === fetching) {
        this.#token.replace(token);
        this.#dial(token, true);
      }
    } catch (error) {
      if (this.#state === fetching) {
        this.#tokenFailed(error);
      }
    }
  }

  /** @param {unknown} error */
  #tokenFailed(error) {
    const reason = error instanceof MessageBusError ? error.code : 'token_failed';
    if (reason === 'user_changed') {
      this.#stop(reason);
    } else {
      this.#reconnectLater(reason);
    }
  }

  /**
   * @param {string | undefined} token
   * @param {boolean} isFresh
   */
  #dial(token, isFresh) {
    const { WebSocket } = this.#environment;
    /** @type {WebSocket} */
    let socket;
    try {
      socket = new WebSocket(this.#options.url, [SUBPROTOCOL]);
    } catch {
      // The browser will not have this URL, now or later: ws: from an https: page, say.
      this.#stop('refused_by_browser');
      return;
    }
    // A socket that has been given up may still speak; nobody listens.
    const isCurrent = () => 'socket' in this.#state && this.#state.socket === socket;
    socket.onopen = () => isCurrent() && this.#greet(socket, token);
    socket.onmessage = event => isCurrent() && this.#receive(event.data);
    socket.onclose = event => isCurrent() && this.#closedByServer(event.code);
    this.#after(CONNECT_DEADLINE, () => this.#reconnectLater('connect_timeout'));
    const isNews = this.#state.name !== 'fetching';
    this.#state = { name: 'opening', socket, isFresh };
    if (isNews) {
      this.#enter(this.#state, { state: 'connecting', attempt: this.#backoff.attempt });
    }
  }

  /**
   * @param {WebSocket} socket
   * @param {string | undefined} token
   */
  #greet(socket, token) {
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
    this.#state = { ...this.#state, name: 'greeting', link };
    const subscriptions = this.#subscriptions.channels.map(channel => ({ channel }));
    link.send(encodeCommand({ type: 'connect', id, token, subscriptions: subscriptions.length ? subscriptions : undefined }));
    this.#subscriptions.attach(link, id);
  }

  /** @param {unknown} text */
  #receive(text) {
    if (this.#state.name === 'connected') {
      this.#state.heard = this.#environment.clock.now();
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
      case 'refreshed':
        return this.#refreshed(message);
      case 'message':
        return this.#emit(message);
      case 'gap':
        return this.#emit({ ...message, reason: message.reason ?? 'unknown' });
      case 'ping':
        return 'socket' in this.#state ? this.#state.socket.send(encodeCommand({ type: 'pong' })) : undefined;
      case 'status':
        return this.#brokerIs(message.broker === 'down' ? 'down' : 'up');
      case 'moving':
        return this.#moveWithin(message.within);
      case 'error':
        return this.#refused(message);
      case undefined:
        return; // Of a newer gateway, or malformed: either way not for us.
      default:
        /** @satisfies {never} */ (message);
    }
  }

  /** @param {Extract<import('./protocol.js').ServerMessage, { type: 'connected' }>} message */
  #connected({ connection, user, pingInterval = DEFAULT_PING_INTERVAL, maxMessage = DEFAULT_MAX_MESSAGE, expires }) {
    if (this.#state.name !== 'greeting') {
      return;
    }
    if (this.#known && this.#known.user !== user) {
      // Somebody else has logged in, in this browser: what follows is not for the tabs that are here.
      this.#stop('user_changed');
      return;
    }
    this.#known = { user };
    const { socket, link } = this.#state;
    const now = this.#environment.clock.now();
    this.#clearTimers();
    this.#token.lives(expires);
    this.#publications.attach(link, maxMessage);
    this.#enter(
      { name: 'connected', socket, link, since: now, heard: now, silence: pingInterval * 1_000 + SILENCE_GRACE },
      { state: 'connected', connection, user },
    );
    this.#checkSilence();
    this.#renewInTime();
    this.#brokerIs('up'); // A gateway without one says so next.
  }

  /** Not a timer for each message: it looks at when something was heard last. */
  #checkSilence() {
    if (this.#state.name !== 'connected') {
      return;
    }
    const quiet = this.#environment.clock.now() - this.#state.heard;
    if (quiet >= this.#state.silence) {
      this.#reconnectLater('silence');
    } else {
      this.#after(Math.min(LONGEST_LOOK, this.#state.silence - quiet), () => this.#checkSilence());
    }
  }

  /** The next token, before the one in use expires. */
  #renewInTime() {
    const { renewIn } = this.#token;
    if (this.#state.name === 'connected' && this.#options.getToken && renewIn < Infinity) {
      this.#after(renewIn, () => this.#renew());
    }
  }

  async #renew() {
    const state = this.#state;
    try {
      const token = await this.#options.getToken?.();
      if (state === this.#state && state.name === 'connected' && token !== undefined) {
        state.refreshId = state.link.nextId();
        this.#token.replace(token);
        state.link.send(encodeCommand({ type: 'refresh', id: state.refreshId, token }));
      }
    } catch (error) {
      if (state !== this.#state) {
        return;
      }
      if (error instanceof MessageBusError && error.code === 'user_changed') {
        this.#stop(error.code);
      } else {
        this.#token.renewLater();
        this.#renewInTime();
      }
    }
  }

  /** @param {{ id: number, expires?: number }} message */
  #refreshed({ id, expires }) {
    if (this.#state.name === 'connected' && id === this.#state.refreshId) {
      this.#token.lives(expires);
      this.#renewInTime();
    }
  }

  /** @param {'up' | 'down'} broker */
  #brokerIs(broker) {
    if (broker !== this.broker) {
      this.broker = broker;
      this.#emit({ type: 'broker', broker });
    }
    if (broker === 'up') {
      this.#subscriptions.retry();
    }
  }

  /** @param {Extract<import('./protocol.js').ServerMessage, { type: 'error' }>} message */
  #refused(message) {
    const error = new MessageBusError(message.code, message.message ?? message.code, message.retryAfter);
    if (this.#state.name === 'connected' && message.id !== undefined && message.id === this.#state.refreshId) {
      // The gateway closes with 4401 when the old token ends; then the next one is asked for.
      this.#token.discard();
      this.#emit({ type: 'error', error });
    } else if (!this.#publications.reject(message.id, error) && !this.#subscriptions.refuse(message, error)) {
      this.#emit({ type: 'error', error });
    }
  }

  /** The gateway is about to go: its clients leave one by one, not all when it closes. @param {number} within ms */
  #moveWithin(within = 0) {
    if (this.#state.name === 'connected' && !this.#state.isMoving) {
      this.#state.isMoving = true;
      this.#after(this.#environment.random() * within, () => this.#reconnect());
    }
  }

  /** @param {number} closeCode */
  #closedByServer(closeCode) {
    const reason = CLOSE_REASONS.get(closeCode) ?? 'connection_lost';
    const isRefusedFresh = 'isFresh' in this.#state && this.#state.isFresh;
    if (closeCode === UNAUTHORIZED && this.#options.getToken && !isRefusedFresh) {
      // With a new token; but where even that was refused, the next would be too.
      this.#token.discard();
      this.#reconnectLater(reason, closeCode);
    } else if (closeCode >= 4400 && closeCode < 4500) {
      // 44xx: do not come back as you are. Everything else may be better next time.
      this.#stop(reason, closeCode);
    } else {
      this.#reconnectLater(reason, closeCode);
    }
  }

  /**
   * @param {string} reason
   * @param {number} [closeCode]
   */
  #reconnectLater(reason, closeCode) {
    const now = this.#environment.clock.now();
    if (this.#state.name === 'connected' && now - this.#state.since >= STABLE_AFTER) {
      this.#backoff.attempt = 0;
    }
    const delay = this.#backoff.next();
    this.#release();
    this.#after(delay, () => this.#connect());
    this.#enter({ name: 'waiting' }, { state: 'waiting', reason, closeCode, attempt: this.#backoff.attempt, retryAt: now + delay });
  }

  /**
   * @param {string} reason
   * @param {number} [closeCode]
   */
  #stop(reason, closeCode) {
    if (this.#state.name !== 'closed') {
      this.#release();
      this.#enter({ name: 'closed' }, { state: 'closed', reason, closeCode });
      this.#publications.close(new MessageBusError('closed', `The connection is closed: ${reason}.`));
    }
  }

  /** Lets go of all that the present state holds. The state is `idle` until the caller enters the next one. */
  #release() {
    const state = this.#state;
    this.#state = { name: 'idle' };
    this.#clearTimers();
    if ('socket' in state) {
      state.socket.close(1000);
    }
    this.#subscriptions.detach();
    this.#publications.detach();
  }

  /**
   * @param {State} state
   * @param {Status} status
   */
  #enter(state, status) {
    this.#state = state;
    this.status = status;
    this.#emit({ type: 'status', status });
  }

  /**
   * @param {number} ms
   * @param {() => void} act unless the state has ended
   */
  #after(ms, act) {
    const timer = this.#environment.clock.setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }

  #clearTimers() {
    this.#timers.forEach(timer => this.#environment.clock.clearTimeout(timer));
    this.#timers.clear();
  }
}

/**
 * @param {string} channel
 * @param {string} reason
 */
const endedError = (channel, reason) => new MessageBusError(reason, `The subscription to ${channel} was ended: ${reason}.`);
