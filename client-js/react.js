'use client';
// For pages made with React. The only module that needs it.
import { createContext, useCallback, useContext, useEffect, useInsertionEffect, useRef, useState, useSyncExternalStore } from 'react';
import { MessageBus } from './client.js';

/**
 * @typedef {import('./client.js').MessageCallback} MessageCallback
 * @typedef {import('./client.js').Status} Status
 * @typedef {import('./client.js').SubscribeOptions} SubscribeOptions
 * @typedef {import('./client.js').SubscriptionState} SubscriptionState
 */

/** Whatever types its channels have: a context cannot be told. @typedef {MessageBus<any>} AnyBus */

/** The bus of the components below its provider. Without a provider: one `new MessageBus()` for the page. */
export const BusContext = createContext(/** @type {AnyBus | null} */ (null));

/** @type {AnyBus | undefined} */
let pageBus;

/** @type {Status} */
const ON_SERVER = { state: 'idle' };

/**
 * The bus that the hooks of this component use: to publish, say.
 * @template {object} [Channels=Record<string, unknown>]
 * @returns {MessageBus<Channels>}
 */
export const useBus = () => useContext(BusContext) ?? (pageBus ??= new MessageBus());

/**
 * Subscribes while the component is mounted. Another channel is another subscription; another callback is not.
 * @param {string | null | undefined | false} channel none of these: no subscription
 * @param {MessageCallback} onMessage
 * @param {SubscribeOptions} [options]
 * @returns {SubscriptionState} whether messages flow
 */
export function useMessageBus(channel, onMessage, options) {
  const bus = useBus();
  /** What the component wants now; a subscription calls it through here. */
  const latest = useRef({ ...options, onMessage });
  const [state, setState] = useState(/** @type {SubscriptionState} */ ('subscribing'));

  // Not while rendering: a render may be thrown away, and its callbacks with it.
  useInsertionEffect(() => {
    latest.current = { ...options, onMessage };
  });

  const hears = !!options?.onError;
  useEffect(() => {
    setState('subscribing');
    return channel ? bus.subscribe(channel, (...message) => latest.current.onMessage(...message), {
      onSubscribed: name => latest.current.onSubscribed?.(name),
      onGap: (reason, name) => latest.current.onGap?.(reason, name),
      // Where the component does not listen, the bus tells the page.
      onError: hears ? (error, name) => latest.current.onError?.(error, name) : undefined,
      onState: (now, name) => {
        setState(now);
        latest.current.onState?.(now, name);
      },
    }) : undefined;
  }, [bus, channel, hears]);
  return state;
}

/**
 * The state of the connection, as `bus.status` has it. Does not connect.
 * @returns {Status}
 */
export function useBusStatus() {
  const bus = useBus();
  const subscribe = useCallback((/** @type {() => void} */ onChange) => bus.on('status', onChange), [bus]);
  return useSyncExternalStore(subscribe, () => bus.status, () => ON_SERVER);
}
