import { Backoff } from '../backoff.js';
import { CLOSE_REASONS, MAX_ID, byteLength, encodeCommand, parseServerMessage } from './protocol.js';
import { Pace } from './pace.js';
import { Publications } from './publications.js';
import { SilenceWatch } from './silence.js';
import { Subscriptions } from './subscriptions.js';
import { Timers } from './timers.js';
import { Tokens } from './tokens.js';

/**
 * @typedef {import('../port.js').Failure} Failure
 * @typedef {import('../port.js').Reason} Reason
 * @typedef {import('../port.js').Status} Status
 * @typedef {import('./transport.js').Transport} Transport
 *
 * What the parts of a connection send through, for as long as one transport lives.
 * @typedef {object} Link
 * @property {(command: import('./protocol.js').Command, limit?: number) => number} send returns the id; 0 and nothing sent where it takes more than `limit` bytes
 * @property {() => number} bufferedBytes
 * @property {Pace} pace
 *
 * @typedef {object} OwnOptions
 * @property {string} url absolute, ws: or wss:
 * @property {import('./environment.js').Environment} environment
 * @property {number} maxQueuedMessages
 * @property {number} maxQueuedBytes
 *
 * @typedef {OwnOptions & import('./tokens.js').TokensOptions} ConnectionOptions
 *
 * `isFresh`: the token was fetched for this very attempt.
 * @typedef {{ name: 'idle' }
 *   | { name: 'fetching' }
 *   | { name: 'opening', transport: Transport, isFresh: boolean }
 *   | { name: 'greeting', transport: Transport, isFresh: boolean, link: Link }
 *   | { name: 'connected', transport: Transport, link: Link, since: number, isMoving?: boolean }
 *   | { name: 'waiting' }
 *   | { name: 'offline' }
 *   | { name: 'closed' }} State
 *
 * @typedef {{ type: 'status', status: Status }
 *   | { type: 'subscribed', channel: string }
 *   | { type: 'ended', channel: string, failure: Failure }
 *   | import('../port.js').Publication
 *   | { type: 'gap', channel?: string, reason: import('../port.js').GapReason }
 *   | { type: 'broker', value: 'up' | 'down' }
 *   | { type: 'error', failure: Failure }
 *   | { type: 'debug', text: string }} ConnectionEvent
 */

/** From the first byte to `connected`, ms. The gateway allows as much for connect alone. */
const CONNECT_DEADLINE = 10_000;
/** A connection that ends sooner counts as failed, so that one which is closed again at once backs off too, ms. */
const STABLE_AFTER = 10_000;
/** A browser may be wrong about being offline: on a machine without a network, localhost is there, ms. */
const OFFLINE_RETRY = 30_000;
/** Before it comes back after it was sent away for sending too much, ms. */
const RATE_PAUSE = 10_000;
/** What the browser tells (a page is shown, the network is back) can come many times in one outage: one in so many ms makes an attempt. */
const WAKE_PAUSE = 30_000;
const ONLINE_PAUSE = 5_000;
const DEFAULT_MAX_MESSAGE = 64 * 1024;
const UNAUTHORIZED = 4401;
const RATE_LIMITED = 4429;

/**
 * The one connection to a gateway, over as many transports as it takes: the state machine. It knows nothing of a page:
 * what happens is told to `emit` as plain objects.
 */
export class Connection {
  /** @type {State} */
  #state = { name: 'idle' };
  /** The state, as the pages are told it. @type {Status} */
  status = { state: 'idle' };
  /** Of the present state: it ends, and they are off. */
  #timers;
  /** @type {'up' | 'down'} */
  broker = 'up';
  /** Whom the gateway took it for at the last connect; null before the first. @type {string | undefined | null} */
  user = null;
  /** Frames are told as `debug` events. */
  isTraced = false;
  /** When the browser has last made it try. */
  #wokenAt = -Infinity;
  /** Of the last question whether the connection is still there. */
  #probeId = 0;
  #options;
  #environment;
  #emit;
  #backoff;
  #silence;
  #tokens;
  subscriptions;
  publications;

  /**
   * @param {ConnectionOptions} options
   * @param {(event: ConnectionEvent) => void} emit must not throw
   */
  constructor(options, emit) {
    const { environment } = options;
    const { clock } = environment;
    this.#options = options;
    this.#environment = environment;
    this.#emit = emit;
    this.#backoff = new Backoff(environment.random);
    this.#timers = new Timers(clock);
    this.#silence = new SilenceWatch(clock, () => this.#reconnectLater('silence'));
    this.#tokens = new Tokens(options, clock, ({ code }) => this.#mayAskAgain(code));
    this.subscriptions = new Subscriptions(clock, emit);
    this.publications = new Publications(options, clock);
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

  /** At once, where the next attempt is waited for. */
  retry() {
    if (this.#state.name === 'waiting' || this.#state.name === 'offline') {
      this.#reconnect();
    }
  }

  /**
   * A page was woken, and the machine perhaps with it, or its network has changed: a connection may have died meanwhile without a word.
   * @param {boolean} isOnline the browser has a network again
   */
  wake(isOnline) {
    const state = this.#state;
    const pause = this.#wokenAt + (isOnline ? ONLINE_PAUSE : WAKE_PAUSE) - this.#now;
    if (state.name === 'connected') {
      this.#silence.isTooLong ? this.#reconnect() : this.#probe(state.link);
    } else if (state.name === 'waiting' || isOnline && (state.name === 'offline' || state.name === 'opening')) {
      if (pause <= 0) {
        this.#wokenAt = this.#now;
        this.#reconnect();
      } else if (isOnline && this.status.state === 'offline') {
        this.#wait(this.status.reason, pause);
      }
    }
  }

  /** Asks for what is answered at once. @param {Link} link */
  #probe(link) {
    if (this.#silence.expectAnswer()) {
      this.#probeId = link.send({ type: 'ping' });
    }
  }

  /** The browser says that it has no network. */
  offline() {
    if (this.#state.name !== 'closed' && this.#state.name !== 'offline') {
      this.#release();
      this.#timers.after(OFFLINE_RETRY, () => this.#connect());
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
    const isFresh = this.#tokens.isDue;
    /** @type {State} */
    const fetching = { name: 'fetching' };
    const isCurrent = () => this.#state === fetching;
    this.#enter(fetching, { state: 'connecting', attempt: this.#backoff.attempt });
    if (isFresh) {
      try {
        await this.#tokens.renew(isCurrent);
      } catch (error) {
        const { code } = /** @type {Failure} */ (error);
        if (isCurrent() && this.#mayAskAgain(code)) {
          this.#reconnectLater('token_failed');
        }
      }
    }
    if (isCurrent()) {
      this.#dial(isFresh);
    }
  }

  /** A page could not give a token. Another time it may; but not that of another user, or of one who has logged out. @param {string} code */
  #mayAskAgain(code) {
    const isOver = code === 'user_changed' || code === 'unauthorized';
    if (isOver) {
      this.#stop(code);
    }
    return !isOver;
  }

  /** @param {boolean} isFresh */
  #dial(isFresh) {
    /** @type {Transport} */
    let transport;
    try {
      transport = this.#environment.dial(this.#options.url, {
        onOpen: () => this.#greet(transport, isFresh),
        onMessage: text => this.#receive(text),
        onClose: closeCode => this.#closedByServer(closeCode),
      });
    } catch {
      // The browser will not have this URL, now or later: ws: from an https: page, say.
      this.#stop('refused_by_browser');
      return;
    }
    this.#timers.after(CONNECT_DEADLINE, () => this.#reconnectLater('connect_timeout'));
    this.#state = { name: 'opening', transport, isFresh };
  }

  /**
   * @param {Transport} transport
   * @param {boolean} isFresh
   */
  #greet(transport, isFresh) {
    let lastId = 0;
    /** @type {Link} */
    const link = {
      send: (command, limit) => {
        const id = lastId % MAX_ID + 1;
        const text = encodeCommand({ ...command, id });
        if (limit && byteLength(text) > limit) {
          return 0;
        }
        this.#trace(() => `> ${'token' in command && command.token ? encodeCommand({ ...command, id, token: '...' }) : text}`);
        if (command.type !== 'publish' && command.type !== 'subscribe') {
          link.pace.count();
        }
        transport.send(text);
        return lastId = id;
      },
      bufferedBytes: () => transport.bufferedBytes(),
      pace: new Pace(this.#environment.clock),
    };
    this.#state = { name: 'greeting', transport, isFresh, link };
    const subscriptions = this.subscriptions.channels.map(channel => ({ channel }));
    const id = link.send({ type: 'connect', token: this.#tokens.current ?? undefined, subscriptions: subscriptions.length ? subscriptions : undefined });
    this.subscriptions.attach(link, id);
  }

  /** @param {unknown} text */
  #receive(text) {
    this.#silence.heard();
    this.#trace(() => `< ${text}`);
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
        return this.#tokens.refreshed(message);
      case 'message':
      case 'gap':
        return this.#emit(message);
      case 'ping':
        return this.#pong();
      case 'pong':
        return; // That it was heard is enough.
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
  #connected({ connection, user, pingInterval, maxMessage = DEFAULT_MAX_MESSAGE, expires, limits }) {
    if (this.#state.name !== 'greeting') {
      return;
    }
    if (this.user !== null && this.user !== user) {
      // Somebody else has logged in, in this browser: what follows is not for the tabs that are here.
      this.#stop('user_changed');
      return;
    }
    this.user = user;
    const { transport, link } = this.#state;
    this.#wokenAt = -Infinity;
    link.pace = new Pace(this.#environment.clock, limits);
    this.#timers.clear();
    this.publications.attach(link, maxMessage);
    this.#silence.begin(pingInterval);
    this.#tokens.attach(link, expires);
    this.#enter({ name: 'connected', transport, link, since: this.#now }, { state: 'connected', connection, user });
    this.#brokerIs('up'); // A gateway without one says so next.
  }

  /** Never held back, but the gateway counts it. */
  #pong() {
    if (this.#state.name === 'connected') {
      this.#state.link.pace.count();
      this.#state.transport.send(encodeCommand({ type: 'pong' }));
    }
  }

  /** @param {'up' | 'down'} broker */
  #brokerIs(broker) {
    if (broker !== this.broker) {
      this.broker = broker;
      this.#emit({ type: 'broker', value: broker });
    }
    if (broker === 'up') {
      this.subscriptions.retry();
    }
  }

  /** @param {Extract<import('./protocol.js').ServerMessage, { type: 'error' }>} message */
  #refused(message) {
    const { id, code, channel, retryAfter } = message;
    const failure = { code, message: message.message ?? code, channel, retryAfter };
    if (id && id === this.#probeId) {
      return; // By a gateway that does not know the question: an answer too.
    }
    if (this.#tokens.refuse(id) || !(this.publications.settle(id, failure) || this.subscriptions.refuse(message, failure))) {
      this.#emit({ type: 'error', failure });
    }
  }

  /** The gateway is about to go: its clients leave one by one, not all when it closes. @param {number} within ms */
  #moveWithin(within = 0) {
    if (this.#state.name === 'connected' && !this.#state.isMoving) {
      this.#state.isMoving = true;
      this.#timers.after(this.#environment.random() * within, () => this.#reconnect());
    }
  }

  /** @param {number} closeCode */
  #closedByServer(closeCode) {
    const reason = CLOSE_REASONS[closeCode] ?? 'connection_lost';
    const isRefusedFresh = 'isFresh' in this.#state && this.#state.isFresh;
    if (closeCode === UNAUTHORIZED && this.#tokens.canRenew && !isRefusedFresh) {
      // With a new token; but where even that was refused, the next would be too.
      this.#tokens.discard();
      this.#reconnectLater(reason, closeCode);
    } else if (closeCode === RATE_LIMITED) {
      this.#reconnectLater(reason, closeCode, RATE_PAUSE);
    } else if (closeCode >= 4400 && closeCode < 4500) {
      // 44xx: do not come back as you are. Everything else may be better next time.
      this.#stop(reason, closeCode);
    } else {
      this.#reconnectLater(reason, closeCode);
    }
  }

  /**
   * @param {Reason} reason
   * @param {number} [closeCode]
   * @param {number} [pause] at least so long, ms
   */
  #reconnectLater(reason, closeCode, pause = 0) {
    if (this.#state.name === 'connected' && this.#now - this.#state.since >= STABLE_AFTER) {
      this.#backoff.attempt = 0;
    }
    this.#trace(() => `closed: ${closeCode ?? reason}`);
    this.#wait(reason, pause + this.#backoff.next(), closeCode);
  }

  /**
   * @param {Reason} reason
   * @param {number} delay ms
   * @param {number} [closeCode]
   */
  #wait(reason, delay, closeCode) {
    this.#release();
    this.#timers.after(delay, () => this.#connect());
    this.#enter({ name: 'waiting' }, { state: 'waiting', reason, closeCode, attempt: this.#backoff.attempt, retryAt: this.#now + delay });
  }

  /** @param {() => string} text */
  #trace(text) {
    if (this.isTraced) {
      this.#emit({ type: 'debug', text: text() });
    }
  }

  /**
   * @param {Reason} reason
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
    this.#timers.clear();
    this.#silence.end();
    if ('transport' in state) {
      state.transport.close();
    }
    this.#tokens.detach();
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
}
