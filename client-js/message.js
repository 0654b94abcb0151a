/** One publication, as the third argument of a subscriber. */
export class Message {
  #bytes;

  /**
   * @param {string} channel
   * @param {string} payload
   * @param {Uint8Array} [bytes]
   */
  constructor(channel, payload, bytes) {
    this.channel = channel;
    /** The text; U+FFFD stands where the bytes are not UTF-8. */
    this.payload = payload;
    this.#bytes = bytes;
  }

  /** Exactly what was published. */
  get bytes() {
    return this.#bytes ??= new TextEncoder().encode(this.payload);
  }
}
