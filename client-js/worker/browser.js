import { Hubs } from './hubs.js';
import { overWebSocket } from './websocket.js';

/** What a browser's timer can hold; a longer one would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The hubs of this thread: a worker's, or a page's that can have no worker. */
export const hubs = new Hubs({
  dial: overWebSocket(WebSocket),
  // Wall time, and not performance.now(): the silence that counts includes the time in which a laptop slept.
  clock: {
    now: Date.now,
    setTimeout: (callback, ms) => setTimeout(callback, Math.min(ms, LONGEST_TIMER)),
    clearTimeout: timer => clearTimeout(timer),
  },
  random: () => Math.random(),
  locks: navigator.locks,
  others: new BroadcastChannel('messagebus'),
});
