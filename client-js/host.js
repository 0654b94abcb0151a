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
 * @param {{ mode: Mode, worker: string }} options the mode to begin with, the script of the worker
 * @param {HostEvents} events
 * @returns {() => void} leaves
 */

/** @type {Mode[]} */
const MODES = ['shared-worker', 'worker', 'page'];
/** For the script of a worker to load and speak, ms. */
const START_DEADLINE = 10_000;
/** Before a worker that was lost is replaced, ms: one that cannot live is not made in a tight loop. */
const PAUSE = 250;

/** @type {Host} */
export function browserHost({ mode: first, worker }, { onReady, onLost }) {
  const { locks } = navigator;
  let leave = () => {};
  let isOver = false;

  const start = async () => {
    const left = new AbortController();
    const { signal } = left;
    /** @type {() => void} */
    let release = () => {};
    /** @type {Started | undefined} */
    let started;
    leave = () => {
      left.abort();
      release();
      started?.end();
    };
    const restart = () => {
      if (!signal.aborted) {
        leave();
        onLost();
        setTimeout(() => isOver || start(), PAUSE);
      }
    };

    // Held until the page leaves or dies, however that comes about.
    const tab = locks && `messagebus-tab-${Date.now()}-${Math.random()}`;
    if (tab) {
      await new Promise(held => locks.request(tab, () => new Promise(done => held(release = () => done(0)))));
    }
    // Without locks nobody would notice that a tab of a shared worker is gone.
    for (const mode of MODES.slice(Math.max(MODES.indexOf(first), locks ? 0 : 1))) {
      if (signal.aborted) {
        return release();
      }
      try {
        started = await startIn(mode, worker);
      } catch {
        continue;
      }
      if (signal.aborted) {
        return leave();
      }
      const { port, lock } = started;
      if (lock) {
        locks.request(lock, restart);
      }
      /** @param {'wake' | 'online' | 'offline'} type */
      const tell = type => () => port.postMessage({ type });
      addEventListener('online', tell('online'), { signal });
      addEventListener('offline', tell('offline'), { signal });
      addEventListener('visibilitychange', tell('wake'), { signal });
      addEventListener('pageshow', event => event.persisted && restart(), { signal });
      return onReady(port, mode, tab);
    }
    restart();
  };

  start();
  return () => {
    isOver = true;
    leave();
  };
}

/** @typedef {{ port: PagePort, lock?: string, end: () => void }} Started */

/**
 * @param {Mode} mode
 * @param {string} script
 * @returns {Promise<Started>}
 */
async function startIn(mode, script) {
  /** @type {{ port: PagePort & EventTarget, end: () => void, worker?: AbstractWorker }} */
  let made;
  if (mode === 'page') {
    const { hubs } = await import('./hubs.js');
    const { port1, port2 } = new MessageChannel();
    hubs.accept(port1);
    made = { port: port2, end: () => port2.close() };
  } else if (mode === 'worker') {
    const worker = new Worker(script, { type: 'module' });
    made = { port: worker, worker, end: () => worker.terminate() };
  } else {
    // The name is a version: a page of the next one does not meet the worker of this one.
    const worker = new SharedWorker(script, { type: 'module', name: 'messagebus-1' });
    made = { port: worker.port, worker, end: () => worker.port.close() };
  }

  const { port, worker, end } = made;
  return new Promise((resolve, reject) => {
    const fail = () => {
      end();
      reject();
    };
    const deadline = setTimeout(fail, START_DEADLINE);
    if (worker) {
      worker.onerror = fail;
    }
    port.onmessage = ({ data }) => {
      clearTimeout(deadline);
      if (data.type === 'ready') {
        if (worker) {
          worker.onerror = null;
        }
        resolve({ port, lock: data.lock, end });
      }
    };
  });
}
