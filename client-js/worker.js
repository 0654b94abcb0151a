// The script of the worker, shared or of one page.
import { browserPort } from './port.js';
import { hubsOver } from './worker/thread.js';

const hubs = hubsOver();
const name = `messagebus-${Math.random()}`;
/** Held as long as this worker lives: the pages wait for it, and so notice its death. Refused where the browser keeps nothing for the site. */
const lock = new Promise((/** @type {(name?: string) => void} */ done) => navigator.locks.request(name, () => new Promise(() => done(name))).catch(() => done())).catch(() => undefined);

/** @param {any} target */
const accept = async target => hubs.accept(browserPort(target), await lock);

if ('onconnect' in self) {
  addEventListener('connect', event => accept(/** @type {MessageEvent} */ (event).ports[0]));
} else {
  accept(self);
}
