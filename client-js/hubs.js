import { Hub } from './hub.js';
import { Tab } from './tab.js';
import { subjectOf } from './token.js';

/**
 * @typedef {import('./environment.js').Environment} Environment
 * @typedef {import('./port.js').Open} Open
 * @typedef {import('./port.js').Port<import('./port.js').ToPage, import('./port.js').ToWorker>} WorkerPort
 */

/** The hubs of a worker: each belongs to one gateway and one user, so that no message of one user reaches the next. */
export class Hubs {
  /** @type {Map<string, Hub>} */
  #hubs = new Map();
  #environment;

  /** @param {Environment} environment */
  constructor(environment) {
    this.#environment = environment;
    if (environment.others) {
      environment.others.onmessage = ({ data }) => this.#close(data);
    }
  }

  /**
   * A page has come.
   * @param {WorkerPort} port
   * @param {string} [lock] that this worker holds
   */
  accept(port, lock) {
    new Tab(port, this.#environment, (tab, open) => this.#open(tab, open)).post({ type: 'ready', lock });
  }

  /**
   * @param {Tab} tab
   * @param {Open} open
   */
  async #open(tab, open) {
    const first = open.hasToken && open.user === undefined ? await tab.firstToken() : undefined;
    if (tab.isGone) {
      return;
    }
    const subject = first && subjectOf(first);
    // A token that does not say whose it is stands for itself.
    const key = JSON.stringify([open.url, open.user, subject ?? first]);
    let hub = this.#hubs.get(key);
    if (!hub || hub.isOver) {
      hub = new Hub(open, first, this.#environment, whose => this.#logOut(whose));
      this.#hubs.set(key, hub);
    }
    hub.join(tab);
  }

  /** A user has logged out here. @param {Pick<Hub, 'url' | 'user'>} whose */
  #logOut(whose) {
    this.#environment.others?.postMessage(whose);
    this.#close(whose);
  }

  /** Or in another worker. @param {Pick<Hub, 'url' | 'user'>} whose */
  #close({ url, user }) {
    this.#hubs.forEach(hub => hub.url === url && hub.user === user && hub.close());
  }
}
