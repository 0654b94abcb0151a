import { element, setText } from './dom.js';

/**
 * Reports the result of an action of the operator, on the screen and to screen readers.
 * @param {string} text
 * @param {'good' | 'bad'} [outcome]
 */
export function tell(text, outcome = 'good') {
  const notice = element('notice', HTMLParagraphElement);
  notice.dataset.outcome = outcome;
  setText(notice, text);
}
