import { element, setText } from './dom.js';

/**
 * Says what came of something that the operator did, where it is seen and heard.
 * @param {string} text
 * @param {'good' | 'bad'} [outcome]
 */
export function tell(text, outcome = 'good') {
  const notice = element('notice', HTMLParagraphElement);
  notice.dataset.outcome = outcome;
  setText(notice, text);
}
