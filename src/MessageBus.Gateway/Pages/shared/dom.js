// Helpers for the document and for texts.

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function element(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) {
    throw new TypeError(`The page has no ${type.name} #${id}.`);
  }
  return found;
}

/**
 * @param {string} tag
 * @param {string} className
 * @param {string} [text] never markup
 */
export function make(tag, className, text = '') {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/**
 * Runs the work at most once per frame.
 * @param {() => void} work
 */
export function oncePerFrame(work) {
  let frame = 0;
  return () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      work();
    });
  };
}

/** @param {number} n */
export const grouped = n => n.toLocaleString('en');

/** @param {string} code */
export const inWords = code => code.replaceAll('_', ' ');

/** @param {string} text */
export const sentence = text => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * Sets the text only if it changes: a live region announces every assignment.
 * @param {HTMLElement} target
 * @param {string} text
 */
export function setText(target, text) {
  if (target.textContent !== text) {
    target.textContent = text;
  }
}
