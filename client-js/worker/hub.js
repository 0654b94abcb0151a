import { Connection } from './connection.js';
import { subjectOf } from './token.js';

/**
 * @typedef {import('./connection.js').ConnectionEvent} ConnectionEvent
 * @typedef {import('./environment.js').Environment} Environment
 * @typedef {import('./tab.js').Tab} Tab
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
  #onLogOut;
  url;
  /** Tabs that differ in it share no hub. */
  key;

  /**
   * @param {import('../port.js').Open} open of the first tab
   * @param {string | undefined} token of the first tab
   * @param {string} key
   * @param {Environment} environment
   * @param {(whose: Pick<Hub, 'url' | 'user'>) => void} onLogOut a tab wants all tabs of this user to end
   */
  constructor(open, token, key, environment, onLogOut) {
    this.url = open.url;
    this.key = key;
    this.#clock = environment.clock;
    this.#subject = token && subjectOf(token);
    this.#onLogOut = onLogOut;
    this.#connection = new Connection({ ...open, environment, token, getToken: open.hasToken ? () => this.#getToken() : undefined }, event => this.#handle(event));
  }

  /** Whoever comes now needs another. */
  get isOver() {
    return this.#connection.status.state === 'closed';
  }

  /** Whom the gateway took it for at the last connect. */
  get user() {
    return this.#connection.user;
  }

  /** @param {Tab} tab */
  join(tab) {
    this.#tabs.add(tab);
    tab.hub = this;
    this.#connection.isTraced ||= tab.debug;
    tab.post({ type: 'opened' });
    if (!this.#connection.open()) {
      const { status, broker } = this.#connection;
      tab.post({ type: 'status', status });
      if (broker === 'down') {
        tab.post({ type: 'broker', value: broker });
      }
    }
    this.#tell({ type: 'tabs', value: this.#tabs.size });
  }

  close() {
    this.#connection.close();
  }

  /**
   * @param {Tab} tab
   * @param {import('./tab.js').ForHub} message
   */
  receive(tab, message) {
    switch (message.type) {
      case 'subscribe':
        return this.#subscribe(tab, message.channel);
      case 'unsubscribe':
        return this.#unsubscribe(tab, message.channel);
      case 'publish':
        return this.#connection.publications.add(tab, message, failure => tab.post({ type: 'settled', id: message.id, failure }));
      case 'cancel':
        return this.#connection.publications.cancel(tab, message.id);
      case 'connect':
        return this.#connection.retry();
      case 'wake':
      case 'online':
        return this.#connection.wake(message.type === 'online');
      case 'offline':
        return this.#connection.offline();
      case 'close':
        tab.gone();
        return message.allTabs ? this.#onLogOut({ url: this.url, user: this.user }) : undefined;
      default:
        /** @satisfies {never} */ (message);
    }
  }

  /** @param {Tab} tab */
  leave(tab) {
    this.#tabs.delete(tab);
    this.#channels.forEach((_, channel) => this.#unsubscribe(tab, channel));
    this.#tell({ type: 'tabs', value: this.#tabs.size });
    if (!this.#tabs.size) {
      this.#channels.forEach((_, channel) => this.#forget(channel));
      this.#connection.close();
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
    if (this.#connection.subscriptions.add(channel)) {
      tab.post({ type: 'subscribed', channel });
    }
  }

  /**
   * @param {Tab} tab
   * @param {string} channel
   */
  #unsubscribe(tab, channel) {
    const entry = this.#channels.get(channel);
    if (entry?.tabs.delete(tab) && !entry.tabs.size) {
      entry.linger = this.#clock.setTimeout(() => {
        this.#channels.delete(channel);
        this.#connection.subscriptions.remove(channel);
      }, LINGER);
    }
  }

  /** From whichever tab has one to give, the latest first: others may sleep. */
  async #getToken() {
    /** @type {unknown} */
    let failure = { code: 'token_failed' };
    for (const tab of [...this.#tabs].reverse()) {
      if (tab.hasToken && !tab.isGone) {
        try {
          const token = await tab.askToken();
          const subject = token === null ? undefined : subjectOf(token);
          if (this.#subject !== undefined && subject !== this.#subject) {
            // Somebody else has logged in meanwhile, in this browser.
            throw { code: 'user_changed' };
          }
          this.#subject = subject;
          return token;
        } catch (error) {
          failure = error;
          if (/** @type {import('../port.js').Failure} */ (error).code === 'unauthorized') {
            break;
          }
        }
      }
    }
    throw failure;
  }

  /** @param {ConnectionEvent} event */
  #handle(event) {
    if (event.type === 'message') {
      return this.#channels.get(event.channel)?.tabs.forEach(tab => tab.deliver(event));
    }
    if (event.type === 'debug') {
      return this.#tabs.forEach(tab => tab.debug && tab.post(event));
    }
    this.#tell(event);
    if (event.type === 'ended') {
      this.#forget(event.channel);
    } else if (this.isOver) {
      this.#channels.forEach((_, channel) => this.#forget(channel));
    }
  }

  /** @param {string} channel */
  #forget(channel) {
    this.#clock.clearTimeout(this.#channels.get(channel)?.linger);
    this.#channels.delete(channel);
  }

  /** What is about a channel only to those that are subscribed to it. @param {import('../port.js').ToPage} message */
  #tell(message) {
    const { channel } = /** @type {{ channel?: string }} */ (message);
    const tabs = channel === undefined ? this.#tabs : this.#channels.get(channel)?.tabs;
    tabs?.forEach(tab => tab.post(message));
  }
}
