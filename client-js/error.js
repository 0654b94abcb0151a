/** Why a publish or a subscription failed. Branch on `code`: PROTOCOL.md lists the gateway's, README.md the client's own. */
export class MessageBusError extends Error {
  name = 'MessageBusError';

  /**
   * @param {string} code
   * @param {string} message
   * @param {number} [retryAfter] ms after which trying again can help
   */
  constructor(code, message, retryAfter) {
    super(message);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}
