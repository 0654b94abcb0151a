import { Timers } from './timers.js';

/** The gateway pings this often unless it says otherwise, s. */
const DEFAULT_PING_INTERVAL = 25;
/** How much later than pingInterval a ping may be, ms. */
const SILENCE_GRACE = 10_000;
/** How often the silence is looked at, at least: a timer may stand still while a laptop sleeps, ms. */
const LONGEST_LOOK = 5_000;

/** For the answer to a question, ms. */
const ANSWER_DEADLINE = 3_000;

/** Notices that a connection has become silent: a dead network often says nothing else. */
export class SilenceWatch {
  #clock;
  #timers;
  #onSilence;
  #heard = 0;
  #limit = Infinity;
  /** Asked, and nothing heard since. @type {object | undefined} */
  #question;

  /**
   * @param {import('./environment.js').Clock} clock
   * @param {() => void} onSilence
   */
  constructor(clock, onSilence) {
    this.#clock = clock;
    this.#timers = new Timers(clock);
    this.#onSilence = onSilence;
  }

  /** A connection stands. @param {number} [pingInterval] the gateway's, s */
  begin(pingInterval = DEFAULT_PING_INTERVAL) {
    this.#limit = pingInterval * 1_000 + SILENCE_GRACE;
    this.heard();
    this.#look();
  }

  /** Not a timer for each message: the next look is at when something was heard last. */
  heard() {
    this.#heard = this.#clock.now();
    this.#question = undefined;
  }

  /** The gateway was asked something that it answers at once. Says whether it need be asked: not while the answer to another question is waited for. */
  expectAnswer() {
    const isNew = !this.#question;
    if (isNew) {
      const question = this.#question = {};
      this.#timers.after(ANSWER_DEADLINE, () => this.#question === question && this.#onSilence());
    }
    return isNew;
  }

  get isTooLong() {
    return this.#quiet >= this.#limit;
  }

  end() {
    this.#limit = Infinity;
    this.#question = undefined;
    this.#timers.clear();
  }

  get #quiet() {
    return this.#clock.now() - this.#heard;
  }

  #look() {
    if (this.isTooLong) {
      this.#onSilence();
    } else {
      this.#timers.after(Math.min(LONGEST_LOOK, this.#limit - this.#quiet), () => this.#look());
    }
  }
}
