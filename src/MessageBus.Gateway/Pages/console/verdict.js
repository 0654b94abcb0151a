import { element, setText } from './dom.js';
import { nameOf } from './gateways.js';
import { count } from './words.js';

/** @typedef {import('./gateways.js').Gateway} Gateway */

/** Says first whether there is a problem, and which. It is a live region, so it contains no numbers that change all the time. */
export class Verdict {
  #verdict = element('verdict', HTMLParagraphElement);
  /** @type {'calm' | 'good' | 'warn' | 'bad'} */
  #mood = 'calm';
  #text = '';
  #isHeld = false;
  /** The time of the last answer; '' before the first. */
  #answered = '';

  clear() {
    this.#answered = '';
    this.#show('calm', '');
  }

  /**
   * On hold, the verdict may be outdated.
   * @param {boolean} isHeld
   */
  hold(isHeld) {
    this.#isHeld = isHeld;
    this.#draw();
  }

  /** @param {Error} error */
  noAnswer(error) {
    this.#show('bad', this.#answered ? `${error.message} The data below is from ${this.#answered}.` : error.message);
  }

  /** @param {Gateway[]} gateways */
  judge(gateways) {
    this.#answered = new Date().toLocaleTimeString('en-GB', { hour12: false });
    const here = gateways.find(gateway => gateway.state === 'here');
    const missing = gateways.filter(gateway => gateway.state === 'missing');
    const draining = gateways.filter(gateway => gateway.draining);
    const others = gateways.filter(gateway => gateway.state === 'up' && gateway.broker === 'down');
    if (here?.broker === 'down') {
      this.#show('bad', 'Redis is unavailable: nothing is delivered, and other gateways cannot be reached. Clients keep their sockets. Check Redis, not the gateway.');
    } else if (missing.length > 0) {
      this.#show('bad', `${count(missing.length, 'gateway')} missing: ${names(missing)}. Killed, hanging, or without Redis; its clients reconnect to the others.`);
    } else if (others.length > 0) {
      this.#show('warn', `Redis is unavailable for ${names(others)}.`);
    } else if (draining.length > 0) {
      this.#show('warn', `${names(draining)} is stopping and moves its clients to the others.`);
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
    setText(this.#verdict, isHeld ? `On hold since ${this.#answered}. ${this.#text}` : this.#text);
  }
}

/** @param {Gateway[]} gateways */
const names = gateways => gateways.slice(0, 3).map(nameOf).join(', ') + (gateways.length > 3 ? ' …' : '');
