import type { MessageBus } from '@messagebus/client';
import { createFakeBus, FakeBus } from '@messagebus/client/testing';

type Channels = { 'visitor/arrival': { visitor: string }; [order: `orders/${string}`]: { total: number } };

// It goes wherever a bus goes.
const bus: FakeBus<Channels> = createFakeBus<Channels>({ user: '42', token: () => 'a.b.c' });
const real: MessageBus<Channels> = bus;
void real;

const reached: boolean = bus.deliver('orders/42', '{"total":1}');
bus.gap();
bus.gap('visitor/arrival', 'broker_reconnected');
bus.drop(4503);
bus.reconnect();
bus.refuse('orders/1', 'forbidden');
void bus.expireToken().then(nothing => nothing satisfies void);
const texts: (string | Uint8Array)[] = bus.published.map(({ payload }) => payload);
void [reached, texts];

// @ts-expect-error no such channel
bus.deliver('order/42', '');
// @ts-expect-error what travels is text or bytes
bus.deliver('orders/42', { total: 1 });
// @ts-expect-error a test has no worker to make
createFakeBus({ host: () => () => {} });
// @ts-expect-error close codes are numbers
bus.drop('unauthorized');
