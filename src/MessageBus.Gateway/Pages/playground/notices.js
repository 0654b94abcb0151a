import { inWords } from './dom.js';

/** @typedef {import('/bus/client.js').MessageBus} MessageBus */

/**
 * What the page itself says between the messages: that the connection went and came back, and what may be missing.
 * @param {MessageBus} bus
 * @param {(text: string) => void} notice
 */
export function tellNotices(bus, notice) {
  tellGaps(bus, notice);
  tellRecovery(bus, notice);
  bus.on('broker', broker => notice(broker === 'up' ? 'The gateway has its broker back' : 'The gateway has lost its broker'));
}

/**
 * Tells of gaps: after a reconnect there is one for each channel, in one row.
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
      notice(`The connection is gone (${'reason' in status ? inWords(status.reason) : 'a new one is made'})`);
    } else if (isConnected && lostAt) {
      notice(`Connected again after ${((performance.now() - lostAt) / 1_000).toFixed(1)} s`);
      lostAt = NaN;
    }
    wasConnected = isConnected;
  });
}
