import { element, setText } from './dom.js';
import { nameOf } from './gateways.js';
import { count } from './words.js';

/** @typedef {import('./gateways.js').Gateway} Gateway */

/** The first thing that somebody wants to know who was woken: is it bad, and what is it? In a live region, so without numbers that change all the time. */
export class Verdict {
  #verdict = element('verdict', HTMLParagraphElement);
  /** @type {'calm' | 'good' | 'warn' | 'bad'} */
  #mood = 'calm';
  #text = '';
  #isHeld = false;
  /** When the gateway has answered, as a clock shows it; '' for not yet. */
  #answered = '';

  clear() {
    this.#answered = '';
    this.#show('calm', '');
  }

  /**
   * While the page stands still, this may be no longer so.
   * @param {boolean} isHeld
   */
  hold(isHeld) {
    this.#isHeld = isHeld;
    this.#draw();
  }

  /** @param {Error} error */
  noAnswer(error) {
    this.#show('bad', this.#answered ? `${error.message} What is shown below is the last that was heard, at ${this.#answered}.` : error.message);
  }

  /** @param {Gateway[]} gateways */
  judge(gateways) {
    this.#answered = new Date().toLocaleTimeString('en-GB', { hour12: false });
    const here = gateways.find(gateway => gateway.state === 'here');
    const missing = gateways.filter(gateway => gateway.state === 'missing');
    const draining = gateways.filter(gateway => gateway.draining);
    const others = gateways.filter(gateway => gateway.state === 'up' && gateway.broker === 'down');
    if (here?.broker === 'down') {
      this.#show('bad', 'Redis is away: nothing is delivered, and other gateways cannot be heard. Clients keep their sockets. Look at Redis, not at the gateway.');
    } else if (missing.length > 0) {
      this.#show('bad', `${count(missing.length, 'gateway')} missing: ${names(missing)}. Killed, hanging, or cut off from Redis; its clients reconnect to the others.`);
    } else if (others.length > 0) {
      this.#show('warn', `Redis is away for ${names(others)}.`);
    } else if (draining.length > 0) {
      this.#show('warn', `${names(draining)} is being stopped and sends its clients to the others.`);
    } else {
      this.#show('good', `All is well: ${count(gateways.length, 'gateway')}, and publications pass through Redis.`);
    }
  }

  /**
   * @param {'calm' | 'good' | 'warn' | 'bad'} mood
   * @param {string} text
   */
  #show(mood, text) {
    this.#mood = mood;
    this.#text = text;
    this.#draw();
  }

  #draw() {
    const isHeld = this.#isHeld && this.#answered !== '';
    this.#verdict.dataset.mood = isHeld && this.#mood === 'good' ? 'calm' : this.#mood;
    setText(this.#verdict, isHeld ? `On hold, as it was at ${this.#answered}. ${this.#text}` : this.#text);
  }
}

/** @param {Gateway[]} gateways */
const names = gateways => gateways.slice(0, 3).map(nameOf).join(', ') + (gateways.length > 3 ? ' …' : '');
