/**
 * @typedef {object} Clock
 * @property {() => number} now ms
 * @property {(callback: () => void, ms: number) => unknown} setTimeout
 * @property {(timer: any) => void} clearTimeout
 *
 * What makes a WebSocket: the browser's, or that of a package.
 * @typedef {new (url: string, protocols: string[]) => { readonly bufferedAmount: number, send(text: string): void, close(code?: number): void, addEventListener(type: any, listener: (event: any) => void): void }} Socket
 *
 * What the bus takes from the browser: all that a test replaces.
 * @typedef {object} Environment
 * @property {import('./transport.js').Dial} dial
 * @property {Clock} clock
 * @property {() => number} random from 0 up to 1
 * @property {Pick<LockManager, 'request'>} [locks] only where the origin is secure
 * @property {Pick<BroadcastChannel, 'postMessage' | 'addEventListener'>} [others] the other workers and pages of the origin
 */
export {};
