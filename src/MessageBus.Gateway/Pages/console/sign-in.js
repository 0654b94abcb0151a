import { ApiError } from './api.js';
import { element } from './dom.js';

/** @typedef {import('./api.js').Api} Api */

/** The key of the operator; none is needed if the API is open. */
export class SignIn {
  #section = element('sign-in', HTMLElement);
  #key = element('key', HTMLInputElement);
  #error = element('key-error', HTMLParagraphElement);
  #console = element('console', HTMLDivElement);
  #api;
  #events;

  /**
   * @param {Api} api
   * @param {{ onSignedIn: () => void, onSignedOut: () => void }} events
   */
  constructor(api, events) {
    this.#api = api;
    this.#events = events;
    element('sign-in-form', HTMLFormElement).addEventListener('submit', event => {
      event.preventDefault();
      this.#tryKey(this.#key.value.trim());
    });
    element('sign-out', HTMLButtonElement).addEventListener('click', () => this.end(''));
  }

  /** In Development without keys the page does not ask for one. */
  async begin() {
    try {
      const { name, scopes } = await this.#ask();
      if (scopes.length > 0) {
        this.#enter(name, scopes);
        return;
      }
    } catch (error) {
      this.#error.textContent = error instanceof Error ? error.message : String(error);
    }
    this.#showForm();
  }

  /** @param {string} why '' where the operator wanted it */
  end(why) {
    this.#api.key = '';
    this.#events.onSignedOut();
    this.#showForm();
    this.#error.textContent = why;
  }

  /** @param {string} key */
  async #tryKey(key) {
    this.#error.textContent = '';
    this.#api.key = key;
    try {
      const { name, scopes } = await this.#ask();
      if (scopes.includes('read')) {
        this.#enter(name, scopes);
        return;
      }
      this.#error.textContent = scopes.length > 0
        ? `This key has only the scope ${scopes.join(' and ')}. The console requires read to show data, admin to tap and disconnect, publish to publish.`
        : 'Enter a key.';
    } catch (error) {
      this.#error.textContent = error instanceof Error ? error.message : String(error);
    }
    this.#api.key = '';
    this.#key.select();
  }

  async #ask() {
    const { body } = await this.#api.get('key');
    if (typeof body !== 'object' || body === null || !('scopes' in body) || !Array.isArray(body.scopes)) {
      throw new ApiError(0, 'The answer of the gateway is not readable.');
    }
    return {
      name: 'name' in body && typeof body.name === 'string' ? body.name : '',
      scopes: body.scopes.filter(scope => typeof scope === 'string'),
    };
  }

  /**
   * @param {string} name
   * @param {string[]} scopes
   */
  #enter(name, scopes) {
    this.#key.value = '';
    this.#error.textContent = '';
    element('key-name', HTMLElement).textContent = name || 'none needed';
    element('sign-out', HTMLButtonElement).hidden = name === '';
    document.querySelectorAll('fieldset[data-needs]').forEach(set => set.toggleAttribute('disabled', !scopes.includes(set.getAttribute('data-needs') ?? '')));
    document.querySelectorAll('[data-without]').forEach(hint => hint.toggleAttribute('hidden', scopes.includes(hint.getAttribute('data-without') ?? '')));
    document.body.dataset.scopes = scopes.join(' ');
    this.#show(true);
    element('main', HTMLElement).focus();
    this.#events.onSignedIn();
  }

  #showForm() {
    this.#show(false);
    this.#key.focus();
  }

  /** @param {boolean} isSignedIn */
  #show(isSignedIn) {
    this.#section.hidden = isSignedIn;
    this.#console.hidden = !isSignedIn;
    element('session', HTMLDivElement).hidden = !isSignedIn;
    element('sections', HTMLElement).hidden = !isSignedIn;
  }
}

/**
 * Whether the key has this scope.
 * @param {string} scope
 */
export const may = scope => (document.body.dataset.scopes ?? '').split(' ').includes(scope);
