// For pages made with Angular 19 or newer: signals. The only module that needs it; it needs no compiler and no zone.
import { InjectionToken, effect, inject, signal, untracked, ɵɵdefineInjectable } from '@angular/core';
import { MessageBus } from './client.js';

/**
 * @typedef {import('./client.js').Message} Message
 * @typedef {import('./client.js').SubscribeOptions} SubscribeOptions
 * @typedef {import('./client.js').SubscriptionState} SubscriptionState
 * @typedef {MessageBus<any>} AnyBus
 */

/** `{ provide: BUS, useValue: bus }`: the bus of the application. Without it: one `new MessageBus()`. @type {InjectionToken<AnyBus>} */
export const BUS = new InjectionToken('MessageBus', { providedIn: 'root', factory: () => new MessageBus() });

/** The bus with signals in place of events: `inject(MessageBusService)`. */
export class MessageBusService {
  /** @type {unknown} */
  static ɵprov = ɵɵdefineInjectable({ token: MessageBusService, providedIn: 'root', factory: () => new MessageBusService() });

  /** To publish, say. */
  bus = inject(BUS);
  #status = signal(this.bus.status);
  /** `bus.status`. Does not connect. */
  status = this.#status.asReadonly();

  constructor() {
    this.bus.on('status', status => this.#status.set(status));
  }

  /**
   * Subscribes while the component lives that asks for it in a field or its constructor.
   * @param {string | null | undefined | false | (() => string | null | undefined | false)} channel a signal: another channel is another subscription; none: no subscription
   * @param {SubscribeOptions & { onMessage?: import('./client.js').MessageCallback }} [options] `onMessage`: every message, not only the latest
   * @returns {{ message: import('@angular/core').Signal<Message | undefined>, state: import('@angular/core').Signal<SubscriptionState> }} the latest message; whether messages flow
   */
  channel(channel, options) {
    const message = signal(/** @type {Message | undefined} */ (undefined));
    const state = signal(/** @type {SubscriptionState} */ ('subscribing'));
    effect(onCleanup => {
      const name = typeof channel === 'function' ? channel() : channel;
      untracked(() => {
        message.set(undefined);
        state.set('subscribing');
        if (name) {
          onCleanup(this.bus.subscribe(name, (payload, about, latest) => {
            options?.onMessage?.(payload, about, latest);
            message.set(latest);
          }, {
            ...options,
            onState: (now, about) => {
              options?.onState?.(now, about);
              state.set(now);
            },
          }));
        }
      });
    });
    return { message: message.asReadonly(), state: state.asReadonly() };
  }
}
