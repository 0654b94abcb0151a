/**
 * @typedef {object} Clock
 * @property {() => number} now ms
 * @property {(callback: () => void, ms: number) => unknown} setTimeout
 * @property {(timer: any) => void} clearTimeout
 *
 * What the bus takes from the browser: all that a test replaces.
 * @typedef {object} Environment
 * @property {typeof globalThis.WebSocket} WebSocket
 * @property {Clock} clock
 * @property {() => number} random from 0 up to 1
 * @property {Pick<LockManager, 'request'>} [locks] only where the origin is secure
 * @property {BroadcastChannel} [others] the other workers and pages of the origin
 */

/** What a browser's timer can hold; a longer one would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Wall time, and not performance.now(): the silence that counts includes the time in which a laptop slept. @type {Clock} */
const systemClock = {
  now: () => Date.now(),
  setTimeout: (callback, ms) => globalThis.setTimeout(callback, Math.min(ms, LONGEST_TIMER)),
  clearTimeout: timer => globalThis.clearTimeout(timer),
};

/** @returns {Environment} */
export const browserEnvironment = () => ({
  WebSocket,
  clock: systemClock,
  random: Math.random,
  locks: navigator.locks,
  others: new BroadcastChannel('messagebus'),
});
