import { element } from './dom.js';

const STORED_TOKEN = 'messagebus.playground.token';
/** The gateway's close code for an invalid or expired token. */
const UNAUTHORIZED = 4401;

/** The token, if the gateway requires one. It stays in this tab and never appears in a URL. */
export class SignIn {
  #section = element('sign-in', HTMLElement);
  #input = element('token-input', HTMLInputElement);
  #error = element('token-error', HTMLParagraphElement);

  constructor() {
    element('token-form', HTMLFormElement).addEventListener('submit', event => {
      event.preventDefault();
      sessionStorage.setItem(STORED_TOKEN, this.#input.value.trim());
      // A refused connection is final: the next one starts with a reload of the page.
      location.reload();
    });
  }

  /** Empty if there is none. */
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
        this.ask('This token is invalid or has expired.');
      }
    });
  }
}
