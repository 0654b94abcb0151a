import { element, setText } from './dom.js';
import { may } from './sign-in.js';
import { count, visible } from './words.js';

/** @typedef {import('./api.js').Api} Api */

/** The publish form; equivalent to PUBLISH on Redis. */
export class Publisher {
  #form = element('publish-form', HTMLFormElement);
  #channel = element('publish-channel', HTMLInputElement);
  #payload = element('publish-payload', HTMLTextAreaElement);
  #result = element('publish-result', HTMLOutputElement);
  #api;

  /** @param {Api} api */
  constructor(api) {
    this.#api = api;
    this.#form.addEventListener('submit', event => {
      event.preventDefault();
      this.#publish();
    });
    this.#form.addEventListener('keydown', event => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.#form.requestSubmit();
      }
    });
  }

  /** @param {string} channel */
  begin(channel) {
    this.#channel.value = channel;
    this.#payload.focus();
  }

  clear() {
    this.#form.reset();
    this.#show('', '');
  }

  async #publish() {
    const channel = this.#channel.value.trim();
    this.#show('Publishing …', '');
    try {
      await this.#api.send('POST', 'publish', { channel }, this.#payload.value);
      this.#show(`Published to ${visible(channel)}. ${await this.#receivers(channel)}`.trim(), 'good');
    } catch (error) {
      this.#show(error instanceof Error ? error.message : String(error), 'bad');
    }
  }

  /**
   * The total is unknown: each gateway counts its own subscribers.
   * @param {string} channel
   */
  async #receivers(channel) {
    if (!may('read')) {
      return '';
    }
    const { body } = await this.#api.get('channels', { prefix: channel, order: 'name', limit: 1 });
    const [first] = /** @type {import('./channels.js').Channel[]} */ (body);
    const subscribers = first?.name === channel ? first.subscribers : 0;
    return `${subscribers === 0 ? 'No subscriber on this gateway' : `${count(subscribers, 'subscriber')} on this gateway`}; other gateways count their own.`;
  }

  /**
   * @param {string} text
   * @param {'' | 'good' | 'bad'} outcome
   */
  #show(text, outcome) {
    setText(this.#result, text);
    this.#result.dataset.outcome = outcome;
  }
}
