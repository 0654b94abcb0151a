/**
 * Whose token it is, where it is a JWT (RFC 7519) that says so. Nothing is verified here: that is the gateway's.
 * @param {string} token
 * @returns {string | undefined}
 */
export function subjectOf(token) {
  try {
    const { sub } = JSON.parse(atob(/** @type {string} */ (token.split('.')[1]).replace(/-/g, '+').replace(/_/g, '/')));
    return typeof sub === 'string' ? sub : undefined;
  } catch {
    return undefined;
  }
}
