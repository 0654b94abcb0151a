import { element } from './dom.js';
import { tell } from './notice.js';
import { count, visible } from './words.js';

/** @typedef {import('./api.js').Api} Api */
/** @typedef {{ id: string, user: string | null }} Whom */

/** Disconnects after a confirmation, because the backlog is lost. It uses the browser's dialog: Escape cancels, and the focus returns. */
export class Disconnect {
  #dialog = element('confirm', HTMLDialogElement);
  #one = element('confirm-one', HTMLButtonElement);
  #all = element('confirm-all', HTMLButtonElement);
  /** The actions of the two buttons. @type {{ one: (() => Promise<void>) | null, all: (() => Promise<void>) | null }} */
  #choices = { one: null, all: null };
  #api;
  #onDone;

  /**
   * @param {Api} api
   * @param {() => void} onDone
   */
  constructor(api, onDone) {
    this.#api = api;
    this.#onDone = onDone;
    this.#dialog.addEventListener('close', () => this.#answered());
    element('disconnect-form', HTMLFormElement).addEventListener('submit', event => {
      event.preventDefault();
      const who = element('disconnect-who', HTMLInputElement).value.trim();
      if (element('disconnect-kind', HTMLSelectElement).value === 'user') {
        this.#askForUser(who);
      } else {
        this.askFor({ id: who, user: null });
      }
    });
  }

  /** @param {Whom} whom one connection; if it has a user, all connections of the user are offered too */
  askFor({ id, user }) {
    this.#ask(
      user === null ? 'Disconnect this connection?' : `Disconnect ${visible(user)}?`,
      `Connection ${visible(id)}. It is closed with 4403 and does not reconnect automatically; its backlog is not sent. This is not a ban: the user can open the page again.`,
      { text: 'This connection', act: () => this.#endConnection(id) },
      user === null ? null : { text: `All of ${visible(user)}`, act: () => this.#endUser(user) });
  }

  /** @param {string} user */
  #askForUser(user) {
    this.#ask(
      `Disconnect ${visible(user)}?`,
      'Closes all connections of this user on every gateway with 4403. They do not reconnect automatically. This is not a ban: a valid token can be used again.',
      null,
      { text: `All of ${visible(user)}`, act: () => this.#endUser(user) });
  }

  /**
   * @param {string} question
   * @param {string} detail
   * @param {{ text: string, act: () => Promise<void> } | null} one
   * @param {{ text: string, act: () => Promise<void> } | null} all
   */
  #ask(question, detail, one, all) {
    element('confirm-question', HTMLHeadingElement).textContent = question;
    element('confirm-detail', HTMLParagraphElement).textContent = detail;
    this.#one.hidden = !one;
    this.#one.textContent = one?.text ?? '';
    this.#all.hidden = !all;
    this.#all.textContent = all?.text ?? '';
    this.#choices = { one: one?.act ?? null, all: all?.act ?? null };
    this.#dialog.returnValue = 'cancel';
    this.#dialog.showModal();
  }

  async #answered() {
    const { one, all } = this.#choices;
    this.#choices = { one: null, all: null };
    const act = { one, all }[this.#dialog.returnValue];
    try {
      await act?.();
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error), 'bad');
    }
    if (act) {
      this.#onDone();
    }
  }

  /** @param {string} id */
  async #endConnection(id) {
    const closed = closedOf(await this.#api.send('DELETE', `connections/${encodeURIComponent(id)}`));
    tell(closed > 0 ? `Connection ${visible(id)} is disconnected.` : `This gateway has no connection ${visible(id)}; the request was sent to the others.`);
  }

  /** @param {string} user */
  async #endUser(user) {
    const closed = closedOf(await this.#api.send('DELETE', `users/${encodeURIComponent(user)}/connections`));
    tell(`${count(closed, 'connection')} of ${visible(user)} closed on this gateway; the request was sent to the others.`);
  }
}

/** @param {unknown} answer */
const closedOf = answer => typeof answer === 'object' && answer !== null && 'closed' in answer ? Number(answer.closed) : 0;
