import { Hub } from './hub.js';
import { Tab } from './tab.js';
import { subjectOf } from './token.js';

/**
 * @typedef {import('./environment.js').Environment} Environment
 * @typedef {import('../port.js').Open} Open
 * @typedef {import('../port.js').WorkerPort} WorkerPort
 */

/** The hubs of a worker: each belongs to one gateway and one user, so that no message of one user reaches the next. */
export class Hubs {
  /** @type {Set<Hub>} */
  #hubs = new Set();
  #environment;

  /** @param {Environment} environment */
  constructor(environment) {
    this.#environment = environment;
    environment.others?.addEventListener('message', event => this.#close(/** @type {MessageEvent} */ (event).data));
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
    const environment = this.#environment;
    const first = open.hasToken && open.user === undefined ? await tab.firstToken() : undefined;
    if (tab.isGone) {
      return;
    }
    const subject = first && subjectOf(first);
    // A token that does not say whose it is stands for itself.
    const who = open.user ?? subject ?? first;
    const key = JSON.stringify([open.url, open.user, who]);
    let found;
    for (const hub of this.#hubs) {
      if (hub.isOver) {
        this.#hubs.delete(hub);
      } else if (hub.key === key && (who || !hub.user)) {
        // Where a cookie alone says who it is, nobody knows whether it still says what it did when the hub was connected.
        found = hub;
      }
    }
    if (!found) {
      found = new Hub(open, first ?? undefined, key, environment, whose => {
        environment.others?.postMessage(whose);
        this.#close(whose);
      });
      this.#hubs.add(found);
    }
    found.join(tab);
  }

  /** A user has logged out, here or in another worker. @param {Pick<Hub, 'url' | 'user'>} whose */
  #close({ url, user }) {
    this.#hubs.forEach(hub => hub.url === url && hub.user === user && hub.close());
  }
}
