// Where the connection of a page lives, and who notices when either side dies. All that is browser and not bus is here.

/**
 * @typedef {'shared-worker' | 'worker' | 'page'} Mode one WebSocket for all tabs; one for this tab, in a worker; one on the page's own thread
 * @typedef {import('./port.js').Port<import('./port.js').ToWorker, import('./port.js').ToPage>} PagePort
 *
 * @typedef {object} HostEvents
 * @property {(port: PagePort, mode: Mode, tab?: string) => void} onReady again after each onLost
 * @property {() => void} onLost the worker is gone, or the page has slept so long that it counts as gone
 *
 * @callback Host
 * @param {{ mode?: Mode, worker?: string }} options the mode to begin with, the script of the worker
 * @param {HostEvents} events
 * @returns {() => void} leaves
 */

/** @type {Mode[]} */
const MODES = ['shared-worker', 'worker', 'page'];
/** What the browser tells only to pages, or to them first. */
const EVENTS = /** @type {const} */ (['online', 'offline', 'visibilitychange']);
/** For the script of a worker to load and speak, ms. */
const START_DEADLINE = 10_000;
/** Before a worker that was lost is replaced, ms: one that cannot live is not made in a tight loop. */
const PAUSE = 250;

/** @type {Host} */
export function browserHost({ mode: first, worker }, { onReady, onLost }) {
  const { locks } = navigator;
  let left = new AbortController();

  const start = async () => {
    const { signal } = left;
    // Held until the page leaves or dies, however that comes about. Refused where the browser keeps nothing for the page.
    const name = `messagebus-${Math.random()}`;
    const tab = locks && await new Promise((/** @type {(name?: string) => void} */ done) => locks.request(name, () => new Promise(release => {
      signal.onabort = release;
      done(name);
    })).catch(() => done()));
    const restart = () => {
      if (!signal.aborted) {
        left.abort();
        onLost();
        left = new AbortController();
        setTimeout(start, PAUSE);
      }
    };

    /** @type {Made | undefined} */
    let made;
    // Without locks nobody would notice that a tab of a shared worker is gone.
    for (const mode of MODES.slice(Math.max(MODES.indexOf(/** @type {Mode} */ (first)), Number(!tab)))) {
      made ??= await make(mode, worker).catch(() => undefined);
    }
    if (!made) {
      return restart();
    }
    const { port, mode, lock } = made;
    if (signal.aborted) {
      return end(port);
    }
    signal.addEventListener('abort', () => end(port));
    for (const type of EVENTS) {
      addEventListener(type, () => port.postMessage({ type }), { signal });
    }
    addEventListener('pageshow', ({ persisted }) => persisted && restart(), { signal });
    if (lock) {
      locks.request(lock, restart);
    }
    onReady(port, mode, tab);
  };

  start();
  return () => left.abort();
}

/** @typedef {{ port: PagePort, mode: Mode, lock?: string }} Made */

/**
 * @param {Mode} mode
 * @param {string | undefined} script
 * @returns {Promise<Made>}
 */
async function make(mode, script) {
  /** @type {(AbstractWorker & { port?: unknown }) | undefined} */
  let worker;
  /** @type {unknown} */
  let made;
  if (mode === 'page') {
    const { hubs } = await import('./worker/browser.js');
    const { port1, port2 } = new MessageChannel();
    hubs.accept(port1);
    made = port2;
  } else {
    // The name is a version: a page of the next one does not meet the worker of this one.
    // All of it is written out, because that is how bundlers find the script of a worker.
    worker = script ? new (mode === 'worker' ? Worker : SharedWorker)(script, { type: 'module', name: 'messagebus-1' })
      : mode === 'worker' ? new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
      : new SharedWorker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'messagebus-1' });
    made = worker.port ?? worker;
  }

  const port = /** @type {PagePort} */ (made);
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => {
      end(port);
      reject();
    }, START_DEADLINE);
    if (worker) {
      worker.onerror = reject;
    }
    port.onmessage = ({ data }) => {
      clearTimeout(deadline);
      resolve({ port, mode, lock: /** @type {{ lock?: string }} */ (data).lock });
    };
  });
}

/** @param {any} port a MessagePort, or a Worker */
const end = port => port.terminate ? port.terminate() : port.close();
