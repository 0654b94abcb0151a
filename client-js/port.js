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
 * @property {boolean} [debug] the page wants to see the frames
 *
 * @typedef {{ type: 'publish', id: number, channel: string, payload: string | Uint8Array, queue: boolean }} Publish
 *
 * @typedef {Open
 *   | Publish
 *   | { type: 'cancel', id: number }
 *   | { type: 'subscribe', channel: string }
 *   | { type: 'unsubscribe', channel: string }
 *   | { type: 'token', token?: string | null, failure?: Failure }
 *   | { type: 'ack' }
 *   | { type: 'connect' | 'online' | 'offline' | 'wake' }
 *   | { type: 'close', allTabs: boolean }} ToWorker `cancel`: a publish that nobody waits for. `token` without one: the page has failed to get it; null: nobody. `ack`: another ACK_EVERY messages were taken. `connect`: at once
 *
 * Why there is no connection. README.md has the table.
 * @typedef {'connection_lost' | 'connect_timeout' | 'silence' | 'shutting_down' | 'too_slow' | 'heartbeat_missed' | 'internal' | 'message_too_big' | 'token_failed'
 *   | 'worker_failed' | 'unauthorized' | 'forbidden' | 'rate_limited' | 'bad_message' | 'user_changed' | 'refused_by_browser' | 'offline' | 'closed'} Reason
 *
 * Why messages may have been missed.
 * @typedef {'reconnected' | 'broker_reconnected' | 'too_large' | 'undeliverable' | 'page_asleep' | 'worker_lost'} GapReason
 *
 * What an application sees of the state. `closeCode` is there where the gateway closed the socket.
 * `retryAt` is in ms since 1970, `attempt` counts the connections that failed or were lost since the last one that held.
 * @typedef {{ state: 'idle' }
 *   | { state: 'connecting', attempt: number }
 *   | { state: 'connected', connection?: string, user?: string }
 *   | { state: 'waiting', reason: Reason, closeCode?: number, attempt: number, retryAt: number }
 *   | { state: 'offline', reason: Reason, retryAt: number }
 *   | { state: 'closed', reason: Reason, closeCode?: number }} Status
 *
 * A MessageBusError: a structured clone would lose its code.
 * @typedef {{ code: string, message?: string, channel?: string, retryAfter?: number }} Failure
 *
 * @typedef {{ type: 'message', channel: string, payload: string, bytes?: Uint8Array }} Publication
 *
 * @typedef {{ type: 'ready', lock?: string }
 *   | { type: 'opened' }
 *   | { type: 'token' }
 *   | { type: 'status', status: Status }
 *   | { type: 'broker', value: 'up' | 'down' }
 *   | { type: 'tabs', value: number }
 *   | Publication
 *   | { type: 'subscribed', channel: string }
 *   | { type: 'gap', channel?: string, reason: GapReason }
 *   | { type: 'ended', channel: string, failure: Failure }
 *   | { type: 'settled', id: number, failure?: Failure }
 *   | { type: 'error', failure: Failure }
 *   | { type: 'debug', text: string }} ToPage `ready`: `lock` names a Web Lock that the worker holds as long as it lives. `token`: asks for one
 */

/**
 * One end of it.
 * @template Out, In
 * @typedef {object} Port
 * @property {(message: Out) => void} post
 * @property {(listener: (message: In) => void) => void} listen instead of the listener before
 * @property {() => void} end
 */

/**
 * @typedef {'shared-worker' | 'worker' | 'page'} Mode where the connection lives: one WebSocket for all tabs; one for this tab, in a worker; one on the page's own thread
 * @typedef {Port<ToWorker, ToPage>} PagePort
 * @typedef {Port<ToPage, ToWorker>} WorkerPort
 *
 * @typedef {object} HostOptions
 * @property {string} url of the gateway, ws: or wss:
 * @property {Mode} [mode] to begin with
 * @property {string} [worker] the address of the worker's script
 * @property {import('./worker/environment.js').Socket} [WebSocket] in place of the browser's; only on the page's own thread
 *
 * @typedef {object} HostEvents
 * @property {(port: PagePort, mode: Mode, tab?: string) => void} onReady again after each onLost
 * @property {() => void} onLost the worker is gone, or the page has slept so long that it counts as gone
 * @property {(cause: unknown, retryAt: number, attempt: number) => void} onFailed it could not be made, and will be tried again
 *
 * What makes the worker of a page, and another where it is lost.
 * @callback Host
 * @param {HostOptions} options
 * @param {HostEvents} events
 * @returns {{ leave: () => void, retry: () => void }} `retry`: at once, where the next attempt is waited for
 */

/** A page acknowledges each so many messages, so that the worker sees when one takes nothing more: frozen, or stopped in a debugger. */
export const ACK_EVERY = 500;

/**
 * A port of the browser: a MessagePort, a Worker, the scope of a dedicated worker. Listened to by addEventListener, which is what zone.js knows.
 * @param {any} target
 * @returns {Port<any, any>}
 */
export function browserPort(target) {
  /** @type {(message: unknown) => void} */
  let listener = () => {};
  target.addEventListener('message', (/** @type {MessageEvent} */ { data }) => listener(data));
  return {
    post: message => target.postMessage(message),
    listen: next => {
      listener = next;
      target.start?.();
    },
    end: () => {
      listener = () => {};
      (target.terminate ?? target.close).call(target);
    },
  };
}

/**
 * Both ends of one within a thread.
 * @returns {[Port<ToWorker, ToPage>, Port<ToPage, ToWorker>]}
 */
export function localPorts() {
  /** @type {((message: any) => void)[]} by end */
  const listeners = [];
  /** @param {0 | 1} end */
  const newEnd = end => ({
    post: (/** @type {unknown} */ message) => queueMicrotask(() => listeners[1 - end]?.(message)),
    listen: (/** @type {(message: any) => void} */ listener) => void (listeners[end] = listener),
    end: () => void delete listeners[end],
  });
  return [newEnd(0), newEnd(1)];
}
