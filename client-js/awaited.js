/**
 * A promise whose failure is told to `onUnheard` where nobody waits for it, in place of the host's complaint, which ends a server.
 * @extends {Promise<void>}
 */
export class Awaited extends Promise {
  // What is derived from it is an ordinary promise.
  static get [Symbol.species]() {
    return Promise;
  }

  isAwaited = false;

  /**
   * @param {(resolve: () => void, reject: (error: unknown) => void) => void} executor
   * @param {(error: unknown) => void} onUnheard
   */
  constructor(executor, onUnheard) {
    super(executor);
    // As late as the host would look.
    super.then(undefined, error => setTimeout(() => this.isAwaited || onUnheard(error)));
  }

  /** @type {Promise<void>['then']} */
  then(...callbacks) {
    this.isAwaited = true;
    return super.then(...callbacks);
  }
}
