import { inWords } from './dom.js';

/** @typedef {import('/bus/client.js').MessageBus} MessageBus */

/**
 * Notices of the page between the messages: lost and restored connections, and gaps.
 * @param {MessageBus} bus
 * @param {(text: string) => void} notice
 */
export function tellNotices(bus, notice) {
  tellGaps(bus, notice);
  tellRecovery(bus, notice);
  bus.on('broker', broker => notice(broker === 'up' ? 'The gateway has reconnected to its broker' : 'The gateway has lost its broker'));
}

/**
 * Reports gaps. After a reconnection there is one for each channel; they share a row.
 * @param {MessageBus} bus
 * @param {(text: string) => void} notice
 */
function tellGaps(bus, notice) {
  /** @type {Map<string, Set<string>>} */
  const gaps = new Map();
  const tell = () => {
    for (const [reason, channels] of gaps) {
      notice(`Messages may have been missed on ${[...channels].join(', ')} (${inWords(reason)})`);
    }
    gaps.clear();
  };
  bus.on('gap', ({ channel, reason }) => {
    if (gaps.size === 0) {
      setTimeout(tell, 200);
    }
    gaps.set(reason, (gaps.get(reason) ?? new Set()).add(channel ?? 'all channels'));
  });
}

/**
 * @param {MessageBus} bus
 * @param {(text: string) => void} notice
 */
function tellRecovery(bus, notice) {
  let lostAt = NaN;
  let wasConnected = false;
  bus.on('status', status => {
    const isConnected = status.state === 'connected';
    if (wasConnected && !isConnected) {
      lostAt = performance.now();
      notice(`Connection lost (${'reason' in status ? inWords(status.reason) : 'reconnecting'})`);
    } else if (isConnected && lostAt) {
      notice(`Reconnected after ${((performance.now() - lostAt) / 1_000).toFixed(1)} s`);
      lostAt = NaN;
    }
    wasConnected = isConnected;
  });
}
