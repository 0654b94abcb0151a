'use client';
// For pages made with React. The only module that needs it.
import { createContext, useCallback, useContext, useEffect, useInsertionEffect, useRef, useSyncExternalStore } from 'react';
import { MessageBus } from './client.js';

/**
 * @typedef {import('./client.js').MessageCallback} MessageCallback
 * @typedef {import('./client.js').Status} Status
 * @typedef {import('./client.js').SubscribeOptions} SubscribeOptions
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
 * @param {string | null} channel null: none
 * @param {MessageCallback} onMessage
 * @param {SubscribeOptions} [options]
 */
export function useMessageBus(channel, onMessage, options) {
  const bus = useBus();
  /** What the component wants now; a subscription calls it through here. */
  const latest = useRef({ ...options, onMessage });

  // Not while rendering: a render may be thrown away, and its callbacks with it.
  useInsertionEffect(() => {
    latest.current = { ...options, onMessage };
  });

  useEffect(() => channel === null ? undefined : bus.subscribe(channel, (...message) => latest.current.onMessage(...message), {
    onSubscribed: name => latest.current.onSubscribed?.(name),
    onGap: (reason, name) => latest.current.onGap?.(reason, name),
    onError: (error, name) => latest.current.onError?.(error, name),
  }), [bus, channel]);
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
