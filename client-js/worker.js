// The script of the worker, shared or of one page.
import { hubs } from './worker/browser.js';

const { locks } = navigator;
const lock = locks && `messagebus-${Math.random()}`;
// Held as long as this worker lives: the pages wait for it, and so notice its death.
const held = lock && new Promise(done => locks.request(lock, () => new Promise(() => done(0))));

/** @param {import('./worker/hubs.js').WorkerPort} port */
const accept = async port => {
  await held;
  hubs.accept(port, lock);
};

if ('onconnect' in self) {
  self.onconnect = (/** @type {{ ports: [MessagePort] }} */ { ports: [port] }) => accept(port);
} else {
  accept(self);
}
