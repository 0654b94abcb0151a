import { Backoff } from './backoff.js';
import { CLOSE_REASONS, MAX_ID, SUBPROTOCOL, byteLength, encodeCommand, parseServerMessage } from './protocol.js';
import { Publications } from './publications.js';
import { Subscriptions } from './subscriptions.js';

/**
 * @typedef {import('../port.js').Failure} Failure
 * @typedef {import('../port.js').Status} Status
 *
 * What the parts of a connection send through, for as long as one socket lives.
 * @typedef {object} Link
 * @property {(command: import('./protocol.js').Command, limit?: number) => number} send returns the id; 0 and nothing sent where it takes more than `limit` bytes
 * @property {() => number} bufferedBytes
 *
 * @typedef {object} ConnectionOptions
 * @property {string} url absolute, ws: or wss:
 * @property {import('./environment.js').Environment} environment
 * @property {string} [token] the first one
 * @property {() => Promise<string>} [getToken] the next ones, or a Failure; undefined where the site needs none
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
 *   | { type: 'ended', channel: string, failure: Failure }
 *   | import('../port.js').Publication
 *   | { type: 'gap', channel?: string, reason: string }
 *   | { type: 'broker', broker: 'up' | 'down' }
 *   | { type: 'error', failure: Failure }} ConnectionEvent
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
/** Share of its life after which a token is exchanged for the next one. */
const RENEW_AT = 0.8;
/** After the next one could not be had, ms. */
const RENEW_RETRY = 10_000;

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
  /** Whom the gateway took it for at the last connect; null before the first. @type {string | undefined | null} */
  user = null;
  #options;
  #environment;
  #emit;
  #backoff;
  /** @type {string | undefined} */
  #token;
  /** When the next one is due. */
  #renewAt = Infinity;
  subscriptions;
  publications;

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
    this.#token = options.token;
    this.subscriptions = new Subscriptions(environment.clock, emit);
    this.publications = new Publications(options);
  }

  /** Says whether it was needed. */
  open() {
    const isIdle = this.#state.name === 'idle';
    if (isIdle) {
      this.#connect();
    }
    return isIdle;
  }

  /** For good. */
  close() {
    this.#stop('closed');
  }

  /**
   * A page was woken, and the machine perhaps with it: a socket may have died meanwhile without a word.
   * @param {boolean} isOnline the browser has a network again
   */
  wake(isOnline) {
    const state = this.#state;
    if (state.name === 'waiting' || (state.name === 'offline' && isOnline) || (state.name === 'connected' && this.#now - state.heard >= state.silence)) {
      this.#reconnect();
    }
  }

  /** The browser says that it has no network. */
  offline() {
    if (this.#state.name !== 'closed' && this.#state.name !== 'offline') {
      this.#release();
      this.#after(OFFLINE_RETRY, () => this.#connect());
      this.#enter({ name: 'offline' }, { state: 'offline', reason: 'offline', retryAt: this.#now + OFFLINE_RETRY });
    }
  }

  get #now() {
    return this.#environment.clock.now();
  }

  #reconnect() {
    this.#release();
    this.#connect();
  }

  async #connect() {
    const getToken = this.#token !== undefined && this.#now < this.#renewAt ? undefined : this.#options.getToken;
    /** @type {State} */
    const fetching = { name: 'fetching' };
    this.#enter(fetching, { state: 'connecting', attempt: this.#backoff.attempt });
    if (!getToken || await this.#fetchToken(getToken, fetching, reason => this.#reconnectLater(reason))) {
      this.#dial(!!getToken);
    }
  }

  /**
   * Says whether there is a new token, and the state still the one that it was fetched for.
   * @param {() => Promise<string>} getToken
   * @param {State} state
   * @param {(reason: string) => void} onFailed
   */
  async #fetchToken(getToken, state, onFailed) {
    try {
      const token = await getToken();
      if (state === this.#state) {
        this.#token = token;
        this.#renewAt = Infinity;
        return true;
      }
    } catch (error) {
      const reason = /** @type {Failure} */ (error).code;
      if (state === this.#state) {
        reason === 'user_changed' ? this.#stop(reason) : onFailed(reason);
      }
    }
    return false;
  }

  /** @param {boolean} isFresh */
  #dial(isFresh) {
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
    socket.onopen = () => isCurrent() && this.#greet(socket, isFresh);
    socket.onmessage = event => isCurrent() && this.#receive(event.data);
    socket.onclose = event => isCurrent() && this.#closedByServer(event.code);
    this.#after(CONNECT_DEADLINE, () => this.#reconnectLater('connect_timeout'));
    this.#state = { name: 'opening', socket, isFresh };
  }

  /**
   * @param {WebSocket} socket
   * @param {boolean} isFresh
   */
  #greet(socket, isFresh) {
    let lastId = 0;
    /** @type {Link} */
    const link = {
      send: (command, limit) => {
        const id = lastId % MAX_ID + 1;
        const text = encodeCommand({ ...command, id });
        if (limit && byteLength(text) > limit) {
          return 0;
        }
        socket.send(text);
        return lastId = id;
      },
      bufferedBytes: () => socket.bufferedAmount,
    };
    this.#state = { name: 'greeting', socket, isFresh, link };
    const subscriptions = this.subscriptions.channels.map(channel => ({ channel }));
    const id = link.send({ type: 'connect', token: this.#token, subscriptions: subscriptions.length ? subscriptions : undefined });
    this.subscriptions.attach(link, id);
  }

  /** @param {unknown} text */
  #receive(text) {
    if (this.#state.name === 'connected') {
      this.#state.heard = this.#now;
    }
    const message = parseServerMessage(text);
    switch (message?.type) {
      case 'connected':
        return this.#connected(message);
      case 'subscribed':
        return this.subscriptions.confirm(message.channel, message.id);
      case 'unsubscribed':
        // With an id it answers our own command; without one it is the server that ends the subscription.
        return message.id ? undefined : this.subscriptions.end(message.channel, { code: message.reason ?? 'unsubscribed', message: 'The gateway ended it.' });
      case 'published':
        return void this.publications.settle(message.id);
      case 'refreshed':
        return this.#refreshed(message);
      case 'message':
      case 'gap':
        return this.#emit(message);
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
    if (this.user !== null && this.user !== user) {
      // Somebody else has logged in, in this browser: what follows is not for the tabs that are here.
      this.#stop('user_changed');
      return;
    }
    this.user = user;
    const { socket, link } = this.#state;
    const now = this.#now;
    this.#clearTimers();
    this.publications.attach(link, maxMessage);
    this.#enter(
      { name: 'connected', socket, link, since: now, heard: now, silence: pingInterval * 1_000 + SILENCE_GRACE },
      { state: 'connected', connection, user },
    );
    this.#checkSilence();
    this.#renewIn(expires);
    this.#brokerIs('up'); // A gateway without one says so next.
  }

  /** Not a timer for each message: it looks at when something was heard last. */
  #checkSilence() {
    if (this.#state.name !== 'connected') {
      return;
    }
    const quiet = this.#now - this.#state.heard;
    if (quiet >= this.#state.silence) {
      this.#reconnectLater('silence');
    } else {
      this.#after(Math.min(LONGEST_LOOK, this.#state.silence - quiet), () => this.#checkSilence());
    }
  }

  /** The next token, before the one in use expires. @param {number | undefined} expires s */
  #renewIn(expires = Infinity) {
    const delay = expires * 1_000 * RENEW_AT;
    this.#renewAt = this.#now + delay;
    if (this.#options.getToken && delay < Infinity) {
      this.#after(delay, () => this.#renew());
    }
  }

  async #renew() {
    const state = this.#state;
    const { getToken } = this.#options;
    if (getToken && state.name === 'connected' && await this.#fetchToken(getToken, state, () => this.#after(RENEW_RETRY, () => this.#renew()))) {
      state.refreshId = state.link.send({ type: 'refresh', token: /** @type {string} */ (this.#token) });
    }
  }

  /** @param {{ id: number, expires?: number }} message */
  #refreshed({ id, expires }) {
    if (this.#state.name === 'connected' && id === this.#state.refreshId) {
      this.#renewIn(expires);
    }
  }

  /** @param {'up' | 'down'} broker */
  #brokerIs(broker) {
    if (broker !== this.broker) {
      this.broker = broker;
      this.#emit({ type: 'broker', broker });
    }
    if (broker === 'up') {
      this.subscriptions.retry();
    }
  }

  /** @param {Extract<import('./protocol.js').ServerMessage, { type: 'error' }>} message */
  #refused(message) {
    const failure = { code: message.code, message: message.message ?? message.code, retryAfter: message.retryAfter };
    if (this.#state.name === 'connected' && message.id && message.id === this.#state.refreshId) {
      // The gateway closes with 4401 when the old token ends; then the next one is asked for.
      this.#token = undefined;
      this.#emit({ type: 'error', failure });
    } else if (!this.publications.settle(message.id, failure) && !this.subscriptions.refuse(message, failure)) {
      this.#emit({ type: 'error', failure });
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
    const reason = CLOSE_REASONS[closeCode] ?? 'connection_lost';
    const isRefusedFresh = 'isFresh' in this.#state && this.#state.isFresh;
    if (closeCode === UNAUTHORIZED && this.#options.getToken && !isRefusedFresh) {
      // With a new token; but where even that was refused, the next would be too.
      this.#token = undefined;
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
    const now = this.#now;
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
      this.publications.close({ code: 'closed', message: reason });
      this.#release();
      this.#enter({ name: 'closed' }, { state: 'closed', reason, closeCode });
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
    this.subscriptions.detach();
    this.publications.detach();
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
