/**
 * @typedef {object} Clock
 * @property {() => number} now ms
 * @property {(callback: () => void, ms: number) => unknown} setTimeout
 * @property {(timer: any) => void} clearTimeout
 *
 * What the bus takes from the browser: all that a test replaces.
 * @typedef {object} Environment
 * @property {import('./transport.js').Dial} dial
 * @property {Clock} clock
 * @property {() => number} random from 0 up to 1
 * @property {Pick<LockManager, 'request'>} [locks] only where the origin is secure
 * @property {Pick<BroadcastChannel, 'postMessage' | 'onmessage'>} [others] the other workers and pages of the origin
 */
export {};
