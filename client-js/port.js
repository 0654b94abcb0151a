// What a page and the worker with its connection say to each other. The same where the "worker" is the page's own thread.
// The page begins with `open` once it has heard `ready`, and says no more until `opened`, but for its token.

/**
 * `tab` names a Web Lock that the page holds as long as it lives. `user`: pages that differ in it never share a connection.
 * @typedef {object} Open
 * @property {'open'} type
 * @property {string} [tab]
 * @property {string} url absolute, ws: or wss:
 * @property {string} [user]
 * @property {boolean} hasToken the page can be asked for one
 * @property {number} maxQueuedMessages
 * @property {number} maxQueuedBytes
 *
 * @typedef {{ type: 'publish', id: number, channel: string, payload: string | Uint8Array, queue: boolean }} Publish
 *
 * @typedef {Open
 *   | Publish
 *   | { type: 'subscribe', channel: string }
 *   | { type: 'unsubscribe', channel: string }
 *   | { type: 'token', token?: string }
 *   | { type: 'ack' }
 *   | { type: 'online' | 'offline' | 'visibilitychange' }
 *   | { type: 'close', allTabs: boolean }} ToWorker `token` without one: the page has failed to get it. `ack`: another ACK_EVERY messages were taken. `online` and the like: events of the page
 *
 * What an application sees of the state. `reason` is a code of README.md; `closeCode` is there where the gateway closed the socket.
 * `retryAt` is in ms since 1970, `attempt` counts the connections that failed or were lost since the last one that held.
 * @typedef {{ state: 'idle' }
 *   | { state: 'connecting', attempt: number }
 *   | { state: 'connected', connection?: string, user?: string }
 *   | { state: 'waiting', reason: string, closeCode?: number, attempt: number, retryAt: number }
 *   | { state: 'offline', reason: string, retryAt: number }
 *   | { state: 'closed', reason: string, closeCode?: number }} Status
 *
 * A MessageBusError: a structured clone would lose its code.
 * @typedef {{ code: string, message: string, retryAfter?: number }} Failure
 *
 * @typedef {{ type: 'message', channel: string, payload: string, bytes?: Uint8Array }} Publication
 *
 * @typedef {{ type: 'ready', lock?: string }
 *   | { type: 'opened' }
 *   | { type: 'token' }
 *   | { type: 'status', status: Status }
 *   | { type: 'broker', broker: 'up' | 'down' }
 *   | { type: 'tabs', tabs: number }
 *   | Publication
 *   | { type: 'subscribed', channel: string }
 *   | { type: 'gap', channel?: string, reason: string }
 *   | { type: 'ended', channel: string, failure: Failure }
 *   | { type: 'settled', id: number, failure?: Failure }
 *   | { type: 'error', failure: Failure }} ToPage `ready`: `lock` names a Web Lock that the worker holds as long as it lives. `token`: asks for one
 */

/**
 * One end of it: a MessagePort, a Worker, the scope of a dedicated worker.
 * @template Out, In
 * @typedef {object} Port
 * @property {(message: Out) => void} postMessage
 * @property {((event: MessageEvent<In>) => void) | null} onmessage
 */

/** A page acknowledges each so many messages, so that the worker sees when one takes nothing more: frozen, or stopped in a debugger. */
export const ACK_EVERY = 500;
