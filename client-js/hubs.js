import { browserEnvironment } from './environment.js';
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
  /** @type {Environment | null} */
  #environment = null;
  #newEnvironment;

  /** @param {() => Environment} newEnvironment */
  constructor(newEnvironment) {
    this.#newEnvironment = newEnvironment;
  }

  /**
   * A page has come.
   * @param {WorkerPort} port
   * @param {string} [lock] that this worker holds
   */
  accept(port, lock) {
    const tab = new Tab(port, this.#environment ??= this.#start());
    tab.onOpen = open => this.#open(tab, open);
    tab.post({ type: 'ready', lock });
  }

  #start() {
    const environment = this.#newEnvironment();
    const { others } = environment;
    if (others) {
      others.onmessage = ({ data }) => this.#close(data);
    }
    return environment;
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
    if (!hub) {
      const made = hub = new Hub(open, this.#environment ??= this.#start(), {
        token: first,
        onOver: () => this.#hubs.get(key) === made && this.#hubs.delete(key),
        onLogOut: () => {
          this.#environment?.others?.postMessage({ url: made.url, user: made.user });
          this.#close(made);
        },
      });
      this.#hubs.set(key, hub);
    }
    hub.join(tab);
  }

  /** A user has logged out, here or in another worker. @param {{ url: string, user?: string }} whose */
  #close({ url, user }) {
    for (const hub of [...this.#hubs.values()]) {
      if (hub.url === url && hub.user === user) {
        hub.close();
      }
    }
  }
}

export const hubs = new Hubs(browserEnvironment);
