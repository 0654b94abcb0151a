// What travels on the WebSocket: PROTOCOL.md, version 1. Pure functions, no state.

/**
 * @typedef {{ payload: string } | { base64: string }} Body
 *
 * @typedef {{ type: 'connect', id: number, token?: string, subscriptions?: { channel: string }[] }
 *   | { type: 'refresh', id: number, token: string }
 *   | { type: 'subscribe', id: number, channel: string }
 *   | { type: 'unsubscribe', id: number, channel: string }
 *   | ({ type: 'publish', id: number, channel: string } & Body)
 *   | { type: 'pong' }} Command
 *
 * A field that the gateway left out, or that has another type than it should, is undefined.
 * @typedef {{ type: 'connected', id?: number, connection?: string, user?: string, pingInterval?: number, maxMessage?: number, expires?: number }
 *   | { type: 'subscribed', id?: number, channel: string }
 *   | { type: 'unsubscribed', id?: number, channel: string, reason?: string }
 *   | { type: 'published', id: number }
 *   | { type: 'refreshed', id: number, expires?: number }
 *   | { type: 'message', channel: string, payload: string, bytes?: Uint8Array }
 *   | { type: 'ping' }
 *   | { type: 'gap', channel?: string, reason: string }
 *   | { type: 'status', broker: 'up' | 'down' }
 *   | { type: 'moving', within: number }
 *   | { type: 'error', id?: number, channel?: string, code: string, message: string, retryAfter?: number }} ServerMessage
 *
 * @typedef {Record<string, unknown>} Fields
 */

export const SUBPROTOCOL = 'messagebus.v1.json';

/** The largest id of a command. */
export const MAX_ID = 2 ** 31 - 1;

/** The words for the close codes. @type {ReadonlyMap<number, string>} */
export const CLOSE_REASONS = new Map([
  [1002, 'protocol_error'], [1003, 'binary_message'], [1007, 'invalid_utf8'], [1009, 'message_too_big'],
  [4400, 'bad_message'], [4401, 'unauthorized'], [4403, 'forbidden'], [4408, 'connect_timeout'], [4429, 'rate_limited'],
  [4500, 'internal'], [4503, 'shutting_down'], [4504, 'heartbeat_missed'], [4508, 'too_slow'],
]);

/**
 * The text of a command. Fields are written in the order of PROTOCOL.md, whatever order the object has.
 * @param {Command} command
 * @returns {string}
 */
export function encodeCommand(command) {
  switch (command.type) {
    case 'connect': {
      const { type, id, token, subscriptions } = command;
      return JSON.stringify({ type, id, token, subscriptions: subscriptions?.length ? subscriptions : undefined });
    }
    case 'refresh': {
      const { type, id, token } = command;
      return JSON.stringify({ type, id, token });
    }
    case 'subscribe':
    case 'unsubscribe': {
      const { type, id, channel } = command;
      return JSON.stringify({ type, id, channel });
    }
    case 'publish': {
      const { type, id, channel } = command;
      return JSON.stringify('payload' in command
        ? { type, id, channel, payload: command.payload }
        : { type, id, channel, base64: command.base64 });
    }
    case 'pong':
      return '{"type":"pong"}';
  }
}

/**
 * What a message of the gateway says, or null where this client does not understand it: not JSON, a type
 * that a newer gateway may send, a field missing that the type needs. Never throws.
 * @param {unknown} text
 * @returns {ServerMessage | null}
 */
export function parseServerMessage(text) {
  const fields = parseObject(text);
  if (!fields) {
    return null;
  }

  const id = number(fields.id);
  const channel = string(fields.channel);
  const reason = string(fields.reason);
  switch (fields.type) {
    case 'connected':
      return {
        type: 'connected', id, connection: string(fields.connection), user: string(fields.user),
        pingInterval: number(fields.pingInterval), maxMessage: number(fields.maxMessage), expires: number(fields.expires),
      };
    case 'subscribed':
      return channel === undefined ? null : { type: 'subscribed', id, channel };
    case 'unsubscribed':
      return channel === undefined ? null : { type: 'unsubscribed', id, channel, reason };
    case 'published':
      return id === undefined ? null : { type: 'published', id };
    case 'refreshed':
      return id === undefined ? null : { type: 'refreshed', id, expires: number(fields.expires) };
    case 'message':
      return channel === undefined ? null : parsePublication(channel, fields);
    case 'ping':
      return { type: 'ping' };
    case 'gap':
      return { type: 'gap', channel, reason: reason ?? 'unknown' };
    case 'status':
      return fields.broker === 'up' || fields.broker === 'down' ? { type: 'status', broker: fields.broker } : null;
    case 'moving':
      return { type: 'moving', within: number(fields.within) ?? 0 };
    case 'error':
      return {
        type: 'error', id, channel, code: string(fields.code) ?? 'internal',
        message: string(fields.message) ?? 'The gateway gave no message.', retryAfter: number(fields.retryAfter),
      };
    default:
      return null;
  }
}

/**
 * How a payload travels: text as it is, bytes as base64.
 * @param {string | Uint8Array} payload
 * @returns {Body}
 */
export const toBody = payload => typeof payload === 'string' ? { payload } : { base64: toBase64(payload) };

/**
 * Bytes of a text in UTF-8.
 * @param {string} text
 */
export function byteLength(text) {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // One more byte from U+0080, two more from U+0800; a surrogate pair is two units and four bytes.
    length += unit < 0x80 ? 0 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return length;
}

/**
 * @param {string} channel
 * @param {Fields} fields
 * @returns {ServerMessage | null}
 */
function parsePublication(channel, fields) {
  const payload = string(fields.payload);
  if (payload !== undefined) {
    return { type: 'message', channel, payload };
  }
  const bytes = fromBase64(fields.base64);
  return bytes && { type: 'message', channel, payload: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), bytes };
}

/**
 * @param {unknown} text
 * @returns {Fields | null}
 */
function parseObject(text) {
  if (typeof text !== 'string') {
    return null;
  }
  try {
    /** @type {unknown} */
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? /** @type {Fields} */ (value) : null;
  } catch {
    return null;
  }
}

/** @param {unknown} value */
const string = value => typeof value === 'string' ? value : undefined;

/** @param {unknown} value */
const number = value => typeof value === 'number' && value >= 0 ? value : undefined;

/** @param {Uint8Array} bytes */
function toBase64(bytes) {
  // In pieces, because an engine takes only so many arguments (65,536 in some).
  let binary = '';
  for (let start = 0; start < bytes.length; start += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  }
  return btoa(binary);
}

/**
 * @param {unknown} text
 * @returns {Uint8Array | null}
 */
function fromBase64(text) {
  if (typeof text !== 'string') {
    return null;
  }
  try {
    return Uint8Array.from(atob(text), character => character.charCodeAt(0));
  } catch {
    return null;
  }
}
