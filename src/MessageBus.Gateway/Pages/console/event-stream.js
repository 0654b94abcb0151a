// Server-sent events (WHATWG HTML, section 9.2) from a body of fetch: EventSource cannot send a key in a header.

/**
 * @typedef {{ type: string, data: string }} ServerEvent
 */

/**
 * The lines of an event stream. Lines may end with CR LF, LF or CR, and an event ends with an empty one. Comments, ids and retry times are not used here.
 */
export class EventReader {
  #rest = '';
  #type = '';
  /** @type {string[]} */
  #data = [];

  /**
   * Takes the next part of the text, wherever it was cut.
   * @param {string} text
   * @returns {ServerEvent[]} the events that are complete with it
   */
  take(text) {
    // A CR at the end may be half of a CR LF.
    const whole = this.#rest + text;
    const end = whole.endsWith('\r') ? whole.length - 1 : whole.length;
    const lines = whole.slice(0, end).split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? '') + whole.slice(end);
    return lines.flatMap(line => this.#takeLine(line));
  }

  /**
   * @param {string} line
   * @returns {ServerEvent[]}
   */
  #takeLine(line) {
    if (line === '') {
      const event = { type: this.#type || 'message', data: this.#data.join('\n') };
      const isEvent = this.#data.length > 0;
      this.#type = '';
      this.#data = [];
      return isEvent ? [event] : [];
    }
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'event') {
      this.#type = value;
    } else if (field === 'data') {
      this.#data.push(value);
    }
    return [];
  }
}

/**
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 * @returns {AsyncGenerator<ServerEvent, void>}
 */
export async function* eventsOf(body) {
  const events = new EventReader();
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  while (true) {
    const { done, value } = await reader.read();
    if (done) {
      return;
    }
    yield* events.take(value);
  }
}
