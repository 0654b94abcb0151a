// For the tests of applications: a bus whose gateway is in the test's hand. No worker, no network, no timers.
import { MessageBus } from '../client.js';
import { FakeGateway } from './fake-gateway.js';

/**
 * The whole of MessageBus, and what a test lets happen to it. What a method lets happen has happened when it returns:
 * callbacks were called, `status` is the new one. Promises settle in the microtasks that follow.
 * @template {object} [Channels=Record<string, unknown>]
 * @extends {MessageBus<Channels>}
 */
export class FakeBus extends MessageBus {
  #gateway;
  /** What the page has published and the gateway accepted, in order. */
  published;

  /** @param {Omit<import('../client.js').MessageBusOptions, 'host'>} [options] `user` is also whom the gateway takes the page for */
  constructor(options = {}) {
    const gateway = new FakeGateway(options.user);
    super({ url: 'http://gateway.test/bus', ...options, host: gateway.host });
    this.#gateway = gateway;
    this.published = gateway.published;
    // They survive a Proxy, as those of the bus do.
    for (const name of Object.getOwnPropertyNames(FakeBus.prototype).slice(1)) {
      Reflect.set(this, name, /** @type {any} */ (this)[name].bind(this));
    }
  }

  /**
   * Somebody publishes. Says whether the page got it: it is lost for a page that is not subscribed or not connected.
   * @param {keyof Channels & string} channel
   * @param {string | Uint8Array} payload
   */
  deliver(channel, payload) {
    return this.#gateway.deliver(channel, payload);
  }

  /**
   * The gateway says that messages may have been lost.
   * @param {keyof Channels & string} [channel] default: all channels
   * @param {string} [reason]
   */
  gap(channel, reason = 'broker_reconnected') {
    this.#gateway.gap(channel, reason);
  }

  /**
   * The gateway ends the subscription of the channel, and refuses from now on what the page asks of it.
   * @param {keyof Channels & string} channel
   * @param {string} [code]
   */
  refuse(channel, code = 'forbidden') {
    this.#gateway.refuse(channel, code);
  }

  /** The connection is lost, and stays so until {@link reconnect}. @param {number} [closeCode] of PROTOCOL.md; default: no word from the gateway */
  drop(closeCode = 1006) {
    this.#gateway.drop(closeCode);
  }

  /** It is back: publications that waited are sent, and every subscription is told a gap. */
  reconnect() {
    this.#gateway.reconnect();
  }

  /** The gateway closes with 4401, and the page is asked for its next token. Resolves once it has given one, or failed to. */
  async expireToken() {
    this.drop(4401);
    this.reconnect();
    if (this.status.state === 'connecting') {
      await new Promise(settled => {
        const off = this.on('status', ({ state }) => {
          if (state !== 'connecting') {
            off();
            settled(state);
          }
        });
      });
    }
  }
}

/**
 * @template {object} [Channels=Record<string, unknown>]
 * @param {ConstructorParameters<typeof FakeBus>[0]} [options]
 * @returns {FakeBus<Channels>}
 */
export const createFakeBus = options => new FakeBus(options);
