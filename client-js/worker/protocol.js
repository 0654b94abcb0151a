// What travels on the WebSocket: PROTOCOL.md, version 1. Pure functions, no state.

/**
 * @typedef {import('./pace.js').Limits} Limits
 * @typedef {{ payload: string } | { base64: string }} Body
 *
 * @typedef {{ type: 'connect', token?: string, subscriptions?: { channel: string }[] }
 *   | { type: 'refresh', token: string }
 *   | { type: 'subscribe', channel: string }
 *   | { type: 'unsubscribe', channel: string }
 *   | ({ type: 'publish', channel: string } & Body)
 *   | { type: 'ping' }
 *   | { type: 'pong' }} Command without its id
 *
 * A field that the gateway left out, or that has another type than it should, is undefined.
 * @typedef {{ type: 'connected', id?: number, connection?: string, user?: string, pingInterval?: number, maxMessage?: number, expires?: number, limits?: Limits }
 *   | { type: 'subscribed', id?: number, channel: string }
 *   | { type: 'unsubscribed', id?: number, channel: string, reason?: string }
 *   | { type: 'published', id: number }
 *   | { type: 'refreshed', id: number, expires?: number }
 *   | { type: 'message', channel: string, payload: string, bytes?: Uint8Array }
 *   | { type: 'ping' }
 *   | { type: 'pong', id?: number }
 *   | { type: 'gap', channel?: string, reason: import('../port.js').GapReason }
 *   | { type: 'status', broker: string }
 *   | { type: 'moving', within?: number }
 *   | { type: 'error', id?: number, channel?: string, code: string, message?: string, retryAfter?: number }} ServerMessage
 *
 * @typedef {Record<string, unknown>} Fields
 */

export const SUBPROTOCOL = 'messagebus.v1.json';

/** The largest id of a command. */
export const MAX_ID = 2 ** 31 - 1;

/** The words for the close codes. @type {Readonly<Record<number, import('../port.js').Reason>>} */
export const CLOSE_REASONS = {
  1009: 'message_too_big', 4400: 'bad_message', 4401: 'unauthorized', 4403: 'forbidden', 4408: 'connect_timeout', 4429: 'rate_limited',
  4500: 'internal', 4503: 'shutting_down', 4504: 'heartbeat_missed', 4508: 'too_slow',
};

/** The fields of a command in the order of PROTOCOL.md, whatever order the object has. */
const COMMAND_FIELDS = ['type', 'id', 'token', 'subscriptions', 'channel', 'payload', 'base64'];

/**
 * The text of a command.
 * @param {Command & { id?: number }} command
 */
export const encodeCommand = command => JSON.stringify(command, COMMAND_FIELDS);

/** The types of message that this client knows, each with the field that it cannot do without. @type {Record<string, string>} */
const NEEDED = {
  connected: 'type', subscribed: 'channel', unsubscribed: 'channel', published: 'id', refreshed: 'id', message: 'payload', ping: 'type', pong: 'type',
  gap: 'reason', status: 'broker', moving: 'type', error: 'code',
};
/** The fields that are numbers, never negative. All others that it reads are strings. */
const NUMBERS = ['id', 'pingInterval', 'maxMessage', 'expires', 'within', 'retryAfter'];

/**
 * What a message of the gateway says, or null where this client does not understand it: not JSON, a type
 * that a newer gateway may send, a field missing that the type needs. Never throws.
 * @param {unknown} text
 * @returns {ServerMessage | null}
 */
export function parseServerMessage(text) {
  try {
    /** @type {Fields} */
    const message = {};
    for (const [name, value] of Object.entries(JSON.parse(/** @type {string} */ (text)))) {
      if (name === 'limits') {
        message[name] = Object.fromEntries(Object.entries(value).filter(([, limit]) => limit > 0));
      } else if (NUMBERS.includes(name) ? typeof value === 'number' && value >= 0 : typeof value === 'string') {
        message[name] = value;
      }
    }
    delete message.bytes; // Ours, and not the gateway's to give.
    if (message.base64 !== undefined) {
      const bytes = message.bytes = Uint8Array.from(atob(/** @type {string} */ (message.base64)), character => character.charCodeAt(0));
      message.payload = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
      delete message.base64;
    }
    const isWhole = /** @type {string} */ (NEEDED[/** @type {string} */ (message.type)]) in message && (message.type !== 'message' || 'channel' in message);
    return isWhole ? /** @type {ServerMessage} */ (/** @type {unknown} */ (message)) : null;
  } catch {
    return null;
  }
}

/**
 * How a payload travels: text as it is, bytes as base64.
 * @param {string | Uint8Array} payload
 * @returns {Body}
 */
export const toBody = payload => typeof payload === 'string' ? { payload }
  : { base64: btoa(payload.reduce((binary, byte) => binary + String.fromCharCode(byte), '')) };

/**
 * Bytes of a text in UTF-8.
 * @param {string} text
 */
export const byteLength = text => new TextEncoder().encode(text).length;
