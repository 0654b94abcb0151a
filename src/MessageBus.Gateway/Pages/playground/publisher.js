import { element } from './dom.js';

/**
 * @typedef {import('/bus/client.js').MessageBus} MessageBus
 * @typedef {import('./channels.js').Channels} Channels
 */

/** The publish form. Its channel is the page's current channel. */
export class Publisher {
  #channel = element('publish-channel', HTMLInputElement);
  #payload = element('publish-payload', HTMLTextAreaElement);
  #result = element('publish-result', HTMLOutputElement);
  #bus;
  #channels;

  /**
   * @param {MessageBus} bus
   * @param {Channels} channels
   * @param {() => void} onChannel
   */
  constructor(bus, channels, onChannel) {
    this.#bus = bus;
    this.#channels = channels;
    const form = element('publish-form', HTMLFormElement);
    form.addEventListener('submit', event => {
      event.preventDefault();
      this.#publish();
    });
    form.addEventListener('keydown', event => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    this.#channel.addEventListener('input', onChannel);
  }

  get channel() {
    return this.#channel.value.trim();
  }

  set channel(channel) {
    this.#channel.value = channel;
  }

  async #publish() {
    const { channel } = this;
    const start = performance.now();
    this.#show('Publishing ...', '');
    try {
      await this.#bus.publish(channel, this.#payload.value);
      const took = Math.max(1, Math.round(performance.now() - start));
      this.#show(`Published to ${channel} in ${took} ms.${this.#channels.has(channel) ? '' : ' This page is not subscribed to it.'}`, 'good');
    } catch (error) {
      this.#show(error instanceof Error ? `${'code' in error ? `${error.code}: ` : ''}${error.message}` : String(error), 'bad');
    }
  }

  /**
   * @param {string} text
   * @param {'' | 'good' | 'bad'} outcome
   */
  #show(text, outcome) {
    this.#result.textContent = text;
    this.#result.dataset.outcome = outcome;
  }
}
