/**
 * Why something was refused or has failed. Those of the gateway are in PROTOCOL.md, all of them in README.md.
 * @typedef {'bad_channel' | 'bad_payload' | 'bad_field' | 'missing_field' | 'unknown_type' | 'forbidden' | 'not_subscribed' | 'too_many_subscriptions'
 *   | 'too_large' | 'unavailable' | 'unauthorized' | 'rate_limited' | 'internal'
 *   | 'connection_lost' | 'not_connected' | 'queue_full' | 'closed' | 'token_failed' | 'worker_failed'} ErrorCode
 */

/** Why a publish or a subscription failed. Branch on `code`; a newer gateway may have codes that are not in its type. */
export class MessageBusError extends Error {
  name = 'MessageBusError';

  /**
   * @param {ErrorCode} code
   * @param {string} [message]
   * @param {{ channel?: string, retryAfter?: number, cause?: unknown }} [about] the channel; ms after which trying again can help; what caused it
   */
  constructor(code, message = code, { channel, retryAfter, ...options } = {}) {
    super(message, options);
    this.code = code;
    this.channel = channel;
    this.retryAfter = retryAfter;
  }
}
