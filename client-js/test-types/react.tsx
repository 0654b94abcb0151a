import { MessageBus, type Status, type SubscriptionState } from '@messagebus/client';
import { BusContext, useBus, useBusStatus, useMessageBus } from '@messagebus/client/react';
import { createFakeBus } from '@messagebus/client/testing';

type Channels = { 'visitor/arrival': { visitor: string } };

export function Arrivals({ user }: { user: string | null }) {
  useMessageBus('visitor-arrival', (payload, channel) => payload.concat(channel));
  useMessageBus(user && `visitor-management/arrival/${user}`, payload => payload.trim(), { onGap: reason => reason.trim() });
  useMessageBus(user !== null && `orders/${user}`, () => {});
  const flows: SubscriptionState = useMessageBus(undefined, () => {});
  void flows;
  // @ts-expect-error a callback is needed
  useMessageBus('visitor-arrival');
  // @ts-expect-error payloads are text
  useMessageBus('visitor-arrival', (payload: number) => payload);

  const status: Status = useBusStatus();
  void useBus().publish('a', status.state);
  void useBus<Channels>().json('visitor/arrival').publish({ visitor: 'Ada' });
  // @ts-expect-error no such channel
  void useBus<Channels>().publish('visitor/departure', 'x');
  return status.state;
}

// Any bus will do, also one that has types for its channels, also a fake.
export const views = [
  <BusContext.Provider value={new MessageBus()}>{null}</BusContext.Provider>,
  <BusContext.Provider value={new MessageBus<Channels>()}>{null}</BusContext.Provider>,
  <BusContext.Provider value={createFakeBus()}>{null}</BusContext.Provider>,
  // @ts-expect-error not a bus
  <BusContext.Provider value={{ subscribe() {} }}>{null}</BusContext.Provider>,
];
