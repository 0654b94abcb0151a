// The script of the worker, shared or of one page.
import { hubs } from './hubs.js';

const { locks } = navigator;
const lock = locks && `messagebus-worker-${Date.now()}-${Math.random()}`;
// Held as long as this worker lives: the pages wait for it, and so notice its death.
const held = lock && new Promise(done => locks.request(lock, () => new Promise(() => done(0))));

/** @param {MessagePort | (typeof globalThis & import('./hubs.js').WorkerPort)} port */
async function accept(port) {
  await held;
  hubs.accept(port, lock);
}

if ('onconnect' in self) {
  self.onconnect = (/** @type {MessageEvent} */ { ports: [port] }) => port && accept(port);
} else {
  accept(self);
}
