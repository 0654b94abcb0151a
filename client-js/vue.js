// For pages made with Vue 3.3 or newer. The only module that needs it.
import { inject, onScopeDispose, readonly, ref, shallowRef, toValue, watchEffect } from 'vue';
import { MessageBus } from './client.js';

/**
 * @typedef {import('./client.js').SubscribeOptions} SubscribeOptions
 * @typedef {import('./client.js').SubscriptionState} SubscriptionState
 * @typedef {MessageBus<any>} AnyBus
 */

/** `app.provide(BUS, bus)`, or `provide` in a component: the bus of what is below. Without it: one `new MessageBus()` for the page. @type {import('vue').InjectionKey<AnyBus>} */
export const BUS = Symbol('MessageBus');

/** @type {AnyBus | undefined} */
let pageBus;

/** The bus that the composables of this component use: to publish, say. @returns {AnyBus} */
export const useBus = () => inject(BUS, undefined) ?? (pageBus ??= new MessageBus());

/**
 * Subscribes while the component, or the scope, lives; not while it is rendered on a server.
 * @param {import('vue').MaybeRefOrGetter<string | null | undefined | false>} channel a ref or a getter: another channel is another subscription; none: no subscription
 * @param {import('./client.js').MessageCallback} onMessage
 * @param {SubscribeOptions} [options]
 * @returns {Readonly<import('vue').Ref<SubscriptionState>>} whether messages flow
 */
export function useMessageBus(channel, onMessage, options) {
  const bus = useBus();
  const state = ref(/** @type {SubscriptionState} */ ('subscribing'));
  watchEffect(onCleanup => {
    const name = toValue(channel);
    state.value = 'subscribing';
    if (name) {
      onCleanup(bus.subscribe(name, onMessage, {
        ...options,
        onState: (now, about) => {
          state.value = now;
          options?.onState?.(now, about);
        },
      }));
    }
  }, { flush: 'post' });
  return readonly(state);
}

/** `bus.status` as a ref. Does not connect. @returns {Readonly<import('vue').ShallowRef<import('./client.js').Status>>} */
export function useBusStatus() {
  const bus = useBus();
  const status = shallowRef(bus.status);
  onScopeDispose(bus.on('status', now => status.value = now));
  return status;
}
