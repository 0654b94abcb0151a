// Where the connection lives when a shared worker beside this module is not possible.
import { makeShared, spoken } from './host.js';

/**
 * @typedef {import('./host.js').Made} Made
 * @typedef {import('./port.js').HostOptions} HostOptions
 */

let isWarned = false;

/**
 * @param {HostOptions} options
 * @param {AbortSignal} signal
 * @param {unknown} failure why it is not a shared worker; undefined: none was tried
 * @returns {Promise<Made>}
 */
export async function makeOther(options, signal, failure) {
  const { mode = 'shared-worker', worker, WebSocket } = options;
  const http = options.url.replace(/^ws/, 'http');
  // A gateway on the page's origin serves a worker too, for bundlers that bring none along.
  const served = !worker && http.startsWith(`${globalThis.location?.origin}/`) ? `${http.replace(/[?#].*/, '')}/worker.js` : undefined;
  const canWork = !!globalThis.Worker && mode !== 'page' && !WebSocket;
  /** @type {(() => Promise<Made>)[]} */
  const ways = [];
  if (failure && served) {
    ways.push(() => makeShared(signal, { ...options, worker: served }));
  }
  if (canWork) {
    ways.push(async () => ({ mode: 'worker', ...await spoken(worker ? new Worker(worker, { type: 'module' }) : new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })) }));
  }
  if (canWork && served) {
    ways.push(async () => ({ mode: 'worker', ...await spoken(new Worker(served, { type: 'module' })) }));
  }
  ways.push(async () => ({ mode: 'page', port: (await import('./worker/thread.js')).threadPort(WebSocket) }));

  /** @type {unknown[]} */
  const failures = failure ? [failure] : [];
  for (const make of ways) {
    try {
      const made = await make();
      if (failures.length && made.mode !== mode && !isWarned) {
        isWarned = true;
        console.warn(`MessageBus: mode '${made.mode}', for a better one failed. Was the script of the worker found? See "Bundlers" in the README.`, ...failures);
      }
      return made;
    } catch (error) {
      failures.push(error);
    }
  }
  throw failures.at(-1);
}
