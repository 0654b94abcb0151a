// Where the connection of a page lives, and who notices when either side dies. All that is browser and not bus is here.
import { Backoff } from './backoff.js';
import { MessageBusError } from './error.js';
import { browserPort } from './port.js';

/**
 * @typedef {import('./port.js').HostOptions} HostOptions
 * @typedef {import('./port.js').Mode} Mode
 * @typedef {import('./port.js').PagePort} PagePort
 *
 * `lock`: held by the worker as long as it lives; `tab`: by the page.
 * @typedef {{ port: PagePort, mode: Mode, lock?: string, tab?: string }} Made
 */

/** For the script of a worker to load and speak, ms. */
const START_DEADLINE = 10_000;
/** A worker that is lost sooner counts as one that could not be made, ms. */
const STABLE_AFTER = 10_000;

/** @type {import('./port.js').Host} */
export function browserHost(options, { onReady, onLost, onFailed }) {
  const backoff = new Backoff(Math.random);
  let left = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** The one way to another worker, whatever became of this one. Says when. */
  const startLater = () => {
    const delay = backoff.next();
    left.abort();
    left = new AbortController();
    timer = setTimeout(start, delay);
    return Date.now() + delay;
  };

  const start = async () => {
    const { signal } = left;
    const began = Date.now();
    timer = undefined;
    const made = await make(options, signal).catch(error => {
      if (!signal.aborted) {
        onFailed(error, startLater(), backoff.attempt);
      }
    });
    if (!made || signal.aborted) {
      return made?.port.end();
    }
    const { port, mode, lock, tab } = made;
    const restart = () => {
      if (!signal.aborted) {
        if (Date.now() - began > STABLE_AFTER) {
          backoff.attempt = 0;
        }
        startLater();
        onLost();
      }
    };
    signal.addEventListener('abort', port.end);
    // What the browser tells only to pages, or to them first. Elsewhere there is nobody to tell it.
    for (const type of /** @type {const} */ (['online', 'offline', 'visibilitychange', 'pageshow'])) {
      globalThis.addEventListener?.(type, event => {
        if (/** @type {PageTransitionEvent} */ (event).persisted) {
          restart();
        } else if (type === 'online' || type === 'offline') {
          port.post({ type });
        } else if (!document.hidden) {
          port.post({ type: 'wake' });
        }
      }, { signal });
    }
    if (lock) {
      navigator.locks.request(lock, restart);
    }
    onReady(port, mode, tab);
  };

  start();
  return {
    leave: () => {
      clearTimeout(timer);
      left.abort();
    },
    retry: () => {
      if (timer !== undefined) {
        clearTimeout(timer);
        start();
      }
    },
  };
}

/**
 * In the best mode that is possible here. The rest of them is loaded only where it is needed.
 * @param {HostOptions} options
 * @param {AbortSignal} signal
 * @returns {Promise<Made>}
 */
async function make(options, signal) {
  try {
    return await makeShared(signal, options);
  } catch (error) {
    return (await import('./fallback.js')).makeOther(options, signal, error);
  }
}

/**
 * @param {AbortSignal} signal
 * @param {HostOptions} options
 * @returns {Promise<Made>}
 */
export async function makeShared(signal, { mode, worker, WebSocket }) {
  if (WebSocket || (mode ?? 'shared-worker') !== 'shared-worker' || !globalThis.SharedWorker) {
    throw undefined;
  }
  // Without the lock nobody would notice that a tab is gone.
  const tab = await holdLock(signal);
  // The name is a version: a page of the next one does not meet the worker of this one.
  // All of it is written out, because that is how bundlers find the script of a worker.
  return { mode: 'shared-worker', tab, ...await spoken(worker ? new SharedWorker(worker, { type: 'module', name: 'messagebus-1' })
    : new SharedWorker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'messagebus-1' })) };
}

/**
 * Held until the page leaves or dies, however that comes about. Refused where the origin is not secure, or the browser keeps nothing for it.
 * @param {AbortSignal} signal
 * @returns {Promise<string>}
 */
const holdLock = signal => new Promise((resolve, reject) => {
  const name = `messagebus-${Math.random()}`;
  navigator.locks.request(name, () => new Promise(release => {
    signal.addEventListener('abort', release);
    resolve(name);
  })).catch(reject);
});

/**
 * Once the worker has spoken.
 * @param {(AbstractWorker & { port?: MessagePort })} worker
 * @returns {Promise<{ port: PagePort, lock?: string }>}
 */
export const spoken = worker => new Promise((resolve, reject) => {
  const port = browserPort(worker.port ?? worker);
  const fail = (/** @type {Partial<ErrorEvent>} */ { message }) => {
    clearTimeout(deadline);
    port.end();
    reject(new MessageBusError('worker_failed', message || 'The script of the worker was not loaded.'));
  };
  const deadline = setTimeout(fail, START_DEADLINE, {});
  worker.addEventListener('error', fail, { once: true });
  port.listen(ready => {
    clearTimeout(deadline);
    resolve({ port, lock: /** @type {{ lock?: string }} */ (ready).lock });
  });
});
