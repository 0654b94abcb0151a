import { element } from './dom.js';

const STORED_TOKEN = 'messagebus.playground.token';
/** The gateway's close code for a token that it does not accept, or no longer. */
const UNAUTHORIZED = 4401;

/** The token, where the gateway serves nobody without one. It stays in this tab, and never comes into an address. */
export class SignIn {
  #section = element('sign-in', HTMLElement);
  #input = element('token-input', HTMLInputElement);
  #error = element('token-error', HTMLParagraphElement);

  constructor() {
    element('token-form', HTMLFormElement).addEventListener('submit', event => {
      event.preventDefault();
      sessionStorage.setItem(STORED_TOKEN, this.#input.value.trim());
      // A connection that was refused is over: the next one begins with a fresh page.
      location.reload();
    });
  }

  /** Empty: there is none. */
  get token() {
    return sessionStorage.getItem(STORED_TOKEN) ?? '';
  }

  /** @param {string} [why] */
  ask(why = '') {
    sessionStorage.removeItem(STORED_TOKEN);
    this.#section.hidden = false;
    this.#error.textContent = why;
    this.#input.focus();
  }

  /**
   * Asks again when the gateway refuses the token.
   * @param {import('/bus/client.js').MessageBus} bus
   */
  watch(bus) {
    bus.on('status', status => {
      if (status.state === 'closed' && status.closeCode === UNAUTHORIZED) {
        this.ask('The gateway does not accept this token, or no longer.');
      }
    });
  }
}
