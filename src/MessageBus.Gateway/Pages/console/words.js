// Numbers and names for display.

/** @param {number} seconds */
export function duration(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) {
    return `${s} s`;
  }
  if (s < 3_600) {
    return `${Math.floor(s / 60)} min`;
  }
  return s < 86_400
    ? `${Math.floor(s / 3_600)} h ${Math.floor(s % 3_600 / 60)} min`
    : `${Math.floor(s / 86_400)} d ${Math.floor(s % 86_400 / 3_600)} h`;
}

/** @param {number} n */
export function bytes(n) {
  if (n < 1_024) {
    return `${n} B`;
  }
  return n < 1_048_576 ? `${(n / 1_024).toFixed(1)} KiB` : `${(n / 1_048_576).toFixed(1)} MiB`;
}

/** @param {number | null | undefined} perSecond unknown: a dash */
export function rate(perSecond) {
  if (perSecond === null || perSecond === undefined) {
    return '–';
  }
  return perSecond < 10 && !Number.isInteger(perSecond) ? perSecond.toFixed(1) : Math.round(perSecond).toLocaleString('en');
}

/**
 * @param {number} n
 * @param {string} one
 */
export const count = (n, one) => `${n.toLocaleString('en')} ${one}${n === 1 ? '' : 's'}`;

/**
 * A name from a client: invisible characters and those that change the direction of text are written out.
 * @param {string} name
 */
export const visible = name =>
  name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, hidden => `\u27e8U+${(hidden.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}\u27e9`);
