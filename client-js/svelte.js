// For pages made with Svelte: stores. They follow its contract, and import nothing of it.

/**
 * @typedef {import('./client.js').MessageBus<any>} AnyBus
 * @typedef {import('./client.js').Message} Message
 * @typedef {import('./client.js').Status} Status
 * @typedef {import('./client.js').SubscribeOptions} SubscribeOptions
 *
 * @typedef {{ readonly state: import('./client.js').SubscriptionState, readonly message?: Message }} ChannelValue
 */

/**
 * @template Value
 * @typedef {{ subscribe: (run: (value: Value) => void) => () => void }} Readable
 */

/**
 * The latest message of a channel, and whether messages flow: `$orders.message?.payload`, `$orders.state`. Subscribed while somebody reads it.
 * @param {AnyBus} bus
 * @param {string | null | undefined | false} channel none: no subscription
 * @param {SubscribeOptions & { onMessage?: import('./client.js').MessageCallback }} [options] `onMessage`: every message, not only the latest
 * @returns {Readable<ChannelValue>}
 */
export const channelStore = (bus, channel, options) => ({
  subscribe: run => {
    /** @type {ChannelValue} */
    let value = { state: 'subscribing' };
    /** @param {Partial<ChannelValue>} part */
    const set = part => run(value = { ...value, ...part });
    set({});
    return channel ? bus.subscribe(channel, (payload, name, message) => {
      options?.onMessage?.(payload, name, message);
      set({ message });
    }, {
      ...options,
      onState: (state, name) => {
        options?.onState?.(state, name);
        set({ state });
      },
    }) : () => {};
  },
});

/**
 * `bus.status` as a store. Does not connect.
 * @param {AnyBus} bus
 * @returns {Readable<Status>}
 */
export const statusStore = bus => ({
  subscribe: run => {
    run(bus.status);
    return bus.on('status', run);
  },
});
