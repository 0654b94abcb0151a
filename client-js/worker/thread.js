import { MessageBusError } from '../error.js';
import { localPorts } from '../port.js';
import { Hubs } from './hubs.js';
import { overWebSocket } from './websocket.js';

/** What a timer can hold; a longer one would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** @type {import('./environment.js').Clock} */
const clock = {
  // Wall time, and not performance.now(): the silence that counts includes the time in which a laptop slept.
  now: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, Math.min(ms, LONGEST_TIMER)),
  clearTimeout: timer => clearTimeout(timer),
};

/** @param {import('./environment.js').Socket} WebSocket */
const newHubs = WebSocket => new Hubs({
  dial: overWebSocket(WebSocket),
  clock,
  random: () => Math.random(),
  // A browser that keeps nothing for this page may refuse either.
  locks: optional(() => navigator.locks),
  others: optional(() => 'location' in globalThis ? new BroadcastChannel('messagebus') : undefined),
});

/** By what carries their connections. @type {Map<unknown, Hubs>} */
const all = new Map();

/** Node 20 has none of its own. Asked for in a way that bundlers do not follow. */
const nodeWebSocket = () => {
  const { process } = /** @type {any} */ (globalThis);
  return process?.getBuiltinModule?.('module').createRequire(`${process.cwd()}/`)('ws').WebSocket;
};

/**
 * The hubs of this thread: a worker's, or a page's that can have no worker.
 * @param {import('./environment.js').Socket} [WebSocket]
 */
export function hubsOver(WebSocket = globalThis.WebSocket ?? optional(nodeWebSocket)) {
  if (!WebSocket) {
    throw new MessageBusError('worker_failed', 'There is no WebSocket here. Install the package ws, or give one: new MessageBus({ WebSocket }).');
  }
  const hubs = all.get(WebSocket) ?? newHubs(WebSocket);
  all.set(WebSocket, hubs);
  return hubs;
}

/**
 * The connection lives on this thread.
 * @type {import('../port.js').Host}
 */
export const threadHost = ({ WebSocket }, { onReady }) => {
  const port = threadPort(WebSocket);
  port.listen(() => onReady(port, 'page'));
  return { leave: port.end, retry: () => {} };
};

/**
 * To the hubs of this thread.
 * @param {import('./environment.js').Socket} [WebSocket]
 * @returns {import('../port.js').PagePort}
 */
export function threadPort(WebSocket) {
  const [page, port] = localPorts();
  hubsOver(WebSocket).accept(port);
  return {
    ...page,
    // There is no lock whose release would tell.
    end: () => {
      page.post({ type: 'close', allTabs: false });
      page.end();
    },
  };
}

/**
 * @template Part
 * @param {() => Part} get
 */
function optional(get) {
  try {
    return get();
  } catch {
    return undefined;
  }
}
