import { grouped, make } from './dom.js';

/**
 * @typedef {{ kind: 'message', time: number, channel: string, payload: string, bytes: Uint8Array, line: number }
 *   | { kind: 'notice', time: number, text: string }} Entry
 */

/** Characters of a payload that are shown; one message can have 64 KiB. */
const MAX_SHOWN = 4_000;

/**
 * @param {Entry} entry
 * @param {string} wanted in lower case
 */
export function matches(entry, wanted) {
  return wanted === '' || entry.kind === 'notice'
    || entry.channel.toLowerCase().includes(wanted) || entry.payload.toLowerCase().includes(wanted);
}

/** @param {Entry} entry */
export function toRow(entry) {
  const row = make('li', entry.kind);
  const at = new Date(entry.time);
  const time = make('time', 'message-time', clockTime(at));
  time.setAttribute('datetime', at.toISOString());
  if (entry.kind === 'notice') {
    row.append(time, make('span', 'notice-text', entry.text));
    return row;
  }

  row.dataset.line = String(entry.line);
  const channel = make('span', 'message-channel', entry.channel);
  channel.title = entry.channel;
  const { payload } = entry;
  row.append(time, channel, make('span', 'message-payload', payload.slice(0, MAX_SHOWN)));
  if (payload.length > MAX_SHOWN) {
    row.append(make('span', 'message-note', `${grouped(payload.length - MAX_SHOWN)} more characters are not shown`));
  } else if (payload.includes('\ufffd')) {
    row.append(make('span', 'message-note', `Not UTF-8, ${grouped(entry.bytes.length)} bytes: ${hex(entry.bytes)}`));
  }
  return row;
}

/**
 * Formatted by hand: 1 us per call instead of 15 with toLocaleTimeString, for up to 1,000 messages a second.
 * @param {Date} at
 */
function clockTime(at) {
  const [hours, minutes, seconds] = [at.getHours(), at.getMinutes(), at.getSeconds()].map(part => String(part).padStart(2, '0'));
  return `${hours}:${minutes}:${seconds}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  const shown = [...bytes.subarray(0, 16)].map(byte => byte.toString(16).padStart(2, '0')).join(' ');
  return bytes.length > 16 ? `${shown} ...` : shown;
}
