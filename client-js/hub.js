import { Connection } from './connection.js';
import { MessageBusError } from './error.js';
import { subjectOf } from './token.js';

/**
 * @typedef {import('./connection.js').ConnectionEvent} ConnectionEvent
 * @typedef {import('./environment.js').Environment} Environment
 * @typedef {import('./port.js').Failure} Failure
 * @typedef {import('./port.js').ToPage} ToPage
 * @typedef {import('./tab.js').Tab} Tab
 *
 * @typedef {object} HubOptions
 * @property {string} [token] the first tab's
 * @property {() => void} onOver it has no tab, or no connection any more
 * @property {() => void} onLogOut a tab wants all tabs of this user to end
 */

/** How long a channel stays subscribed after its last tab has left it, ms: pages leave and come back as they are shown and hidden. */
const LINGER = 1_000;

/** The tabs of one user that share one connection to one gateway. */
export class Hub {
  /** @type {Set<Tab>} */
  #tabs = new Set();
  /** @type {Map<string, { tabs: Set<Tab>, linger: unknown }>} */
  #channels = new Map();
  #connection;
  #clock;
  #subject;
  #onOver;
  #onLogOut;
  url;

  /**
   * @param {import('./port.js').Open} open of the first tab
   * @param {Environment} environment
   * @param {HubOptions} options
   */
  constructor(open, environment, { token, onOver, onLogOut }) {
    this.url = open.url;
    this.#clock = environment.clock;
    this.#subject = token && subjectOf(token);
    this.#onOver = onOver;
    this.#onLogOut = onLogOut;
    this.#connection = new Connection({ ...open, environment, token, getToken: open.hasToken ? () => this.#getToken() : undefined }, event => this.#handle(event));
  }

  /** Whom the gateway took it for at the last connect. */
  get user() {
    return this.#connection.user;
  }

  /** @param {Tab} tab */
  join(tab) {
    this.#tabs.add(tab);
    tab.onMessage = message => this.#receive(tab, message);
    tab.onGone = () => this.#leave(tab);
    tab.post({ type: 'opened' });
    if (!this.#connection.open()) {
      tab.post({ type: 'status', status: this.#connection.status });
    }
    if (this.#connection.broker === 'down') {
      tab.post({ type: 'broker', broker: 'down' });
    }
    this.#tell({ type: 'tabs', tabs: this.#tabs.size });
  }

  close() {
    this.#connection.close();
  }

  /**
   * @param {Tab} tab
   * @param {import('./port.js').ToWorker} message
   */
  #receive(tab, message) {
    switch (message.type) {
      case 'subscribe':
        return this.#subscribe(tab, message.channel);
      case 'unsubscribe':
        return this.#unsubscribe(tab, message.channel);
      case 'publish':
        return this.#publish(tab, message);
      case 'visibilitychange':
        return this.#connection.wake();
      case 'online':
        return this.#connection.online();
      case 'offline':
        return this.#connection.offline();
      case 'close':
        tab.gone();
        return message.allTabs ? this.#onLogOut() : undefined;
      case 'open':
      case 'token':
      case 'ack':
        return; // The tab's own.
      default:
        /** @satisfies {never} */ (message);
    }
  }

  /** @param {Tab} tab */
  #leave(tab) {
    this.#tabs.delete(tab);
    for (const channel of this.#channels.keys()) {
      this.#unsubscribe(tab, channel);
    }
    if (this.#tabs.size === 0) {
      this.#connection.close();
    } else {
      this.#tell({ type: 'tabs', tabs: this.#tabs.size });
    }
  }

  /**
   * @param {Tab} tab
   * @param {string} channel
   */
  #subscribe(tab, channel) {
    const entry = this.#channels.get(channel) ?? { tabs: new Set(), linger: undefined };
    this.#clock.clearTimeout(entry.linger);
    entry.tabs.add(tab);
    this.#channels.set(channel, entry);
    if (this.#connection.isSubscribed(channel)) {
      tab.post({ type: 'subscribed', channel });
    } else {
      this.#connection.subscribe(channel);
    }
  }

  /**
   * @param {Tab} tab
   * @param {string} channel
   */
  #unsubscribe(tab, channel) {
    const entry = this.#channels.get(channel);
    if (entry?.tabs.delete(tab) && entry.tabs.size === 0) {
      entry.linger = this.#clock.setTimeout(() => {
        this.#channels.delete(channel);
        this.#connection.unsubscribe(channel);
      }, LINGER);
    }
  }

  /**
   * @param {Tab} tab
   * @param {import('./port.js').Publish} publication
   */
  async #publish(tab, { id, channel, payload, queue }) {
    try {
      await this.#connection.publish(channel, payload, queue);
      tab.post({ type: 'settled', id });
    } catch (error) {
      tab.post({ type: 'settled', id, failure: toFailure(error) });
    }
  }

  /** From whichever tab has one to give, the latest first: others may sleep. */
  async #getToken() {
    /** @type {unknown} */
    let failure = new MessageBusError('token_failed', 'No page has a token.');
    for (const tab of [...this.#tabs].reverse()) {
      if (tab.hasToken && !tab.isGone) {
        try {
          const token = await tab.askToken();
          const subject = subjectOf(token);
          if (this.#subject !== undefined && subject !== this.#subject) {
            // Somebody else has logged in meanwhile, in this browser.
            throw new MessageBusError('user_changed', 'The new token is of another user.');
          }
          this.#subject = subject;
          return token;
        } catch (error) {
          failure = error;
        }
      }
    }
    throw failure;
  }

  /** @param {ConnectionEvent} event */
  #handle(event) {
    switch (event.type) {
      case 'message':
        return this.#channels.get(event.channel)?.tabs.forEach(tab => tab.deliver(event));
      case 'subscribed':
        return this.#tell(event, event.channel);
      case 'gap':
        return this.#tell(event, event.channel);
      case 'ended':
        this.#tell({ type: 'ended', channel: event.channel, failure: toFailure(event.error) }, event.channel);
        this.#clock.clearTimeout(this.#channels.get(event.channel)?.linger);
        this.#channels.delete(event.channel);
        return;
      case 'error':
        return this.#tell({ type: 'error', failure: toFailure(event.error) });
      case 'broker':
        return this.#tell(event);
      case 'status':
        this.#tell(event);
        return event.status.state === 'closed' ? this.#over() : undefined;
      default:
        /** @satisfies {never} */ (event);
    }
  }

  #over() {
    this.#onOver();
    this.#channels.forEach(({ linger }) => this.#clock.clearTimeout(linger));
    this.#channels.clear();
  }

  /**
   * @param {ToPage} message
   * @param {string} [channel] only to those that are subscribed to it
   */
  #tell(message, channel) {
    const tabs = channel === undefined ? this.#tabs : this.#channels.get(channel)?.tabs;
    tabs?.forEach(tab => tab.post(message));
  }
}

/**
 * @param {unknown} error
 * @returns {Failure}
 */
function toFailure(error) {
  const { code, message, retryAfter } = error instanceof MessageBusError ? error : new MessageBusError('internal', String(error));
  return { code, message, retryAfter };
}
