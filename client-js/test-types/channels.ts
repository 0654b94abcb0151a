// What TypeScript must accept, and what it must refuse: a line below @ts-expect-error that compiles is an error itself.
import { MessageBus, MessageBusError, type ErrorCode, type JsonChannel, type Reason, type Status, type Subscription } from '@messagebus/client';

interface Arrival { visitor: string; host: string }
interface Order { total: number }
type Channels = { 'visitor/arrival': Arrival; [order: `orders/${string}`]: Order };

const bus = new MessageBus<Channels>();

// Channels by name and by pattern.
bus.subscribe('visitor/arrival', (payload, channel, message) => [payload.length, channel.length, message.bytes.byteLength]);
bus.subscribe('orders/42', () => {});
// @ts-expect-error no such channel
bus.subscribe('visitor/departure', () => {});
// @ts-expect-error no such channel
void bus.publish('order/42', 'x');

// What they carry.
const arrivals: JsonChannel<Arrival> = bus.json('visitor/arrival');
const order: JsonChannel<Order> = bus.json(`orders/${42}`);
arrivals.subscribe(({ visitor, host }) => visitor.concat(host));
order.subscribe(({ total }) => total.toFixed(2), { onGap: reason => reason.length, onError: ({ code, retryAfter }) => code.repeat(retryAfter ?? 0) });
void order.publish({ total: 12 }, { queue: false }).then(nothing => nothing satisfies void);
// @ts-expect-error the order has no visitor
bus.json('orders/42').subscribe(({ visitor }) => visitor);
// @ts-expect-error a total is a number
void bus.json('orders/42').publish({ total: '12' });
// @ts-expect-error a host is missing
void arrivals.publish({ visitor: 'Ada' });
// @ts-expect-error no such channel
bus.json('visitor/departure');

// Without types of one's own every channel is there, and carries what has to be looked at first.
const untyped = new MessageBus({ url: '/bus', token: async () => 'a.b.c', mode: 'worker' });
untyped.subscribe('anything', payload => payload.trim());
untyped.json('anything').subscribe(value => {
  // @ts-expect-error unknown
  value.total;
});

// Payloads.
void untyped.publish('a', new Uint8Array([1]));
void untyped.publish('a', new ArrayBuffer(1));
// @ts-expect-error an object is for json()
void untyped.publish('a', { x: 1 });

// Options.
// @ts-expect-error not a mode
new MessageBus({ mode: 'iframe' });
// @ts-expect-error a token is asked for, not given
new MessageBus({ token: 'a.b.c' });
// @ts-expect-error misspelt
new MessageBus({ urL: '/bus' });

// The status says which of its fields are there.
const off: () => void = bus.on('status', status => {
  switch (status.state) {
    case 'idle':
      // @ts-expect-error nothing is known of why
      return status.reason;
    case 'connecting':
      return status.attempt.toFixed();
    case 'connected':
      return status.user?.length;
    case 'waiting':
      return new Date(status.retryAt).toISOString() + status.reason + status.closeCode?.toFixed();
    case 'offline':
      return status.reason;
    case 'closed':
      return status.reason;
    default:
      return status satisfies never;
  }
});
off();
bus.on('gap', ({ channel, reason }) => reason.concat(channel ?? 'all'));
bus.on('tabs', tabs => tabs.toFixed());
bus.on('error', error => {
  // @ts-expect-error anything can be thrown
  error.code;
  return error instanceof MessageBusError && error.code;
});
// @ts-expect-error no such event
bus.on('message', () => {});

const user: string | null = bus.user;
const status: Status = bus.status;
// @ts-expect-error told by the gateway
bus.user = '42';
void [user, status, bus.oneOff().length];
bus.close({ allTabs: true });
bus.connect();

// A subscription is a function that leaves, and knows its state.
const subscription: Subscription = bus.subscribe('orders/42', () => {}, { signal: AbortSignal.timeout(1), onState: state => state.length });
if (subscription.state === 'failed') {
  subscription();
}
for await (const { payload, bytes } of bus.messages('orders/42', { signal: AbortSignal.timeout(1) })) {
  payload.concat(`${bytes.length}`);
}
void bus.once('orders/42').then(({ channel }) => channel.length);
// @ts-expect-error no such channel
void bus.once('order/42');

// Codes and reasons are known, each of them.
export const explain = (code: ErrorCode): string => {
  switch (code) {
    case 'bad_channel': case 'bad_payload': case 'bad_field': case 'missing_field': case 'unknown_type': case 'not_subscribed': case 'too_large':
      return 'a mistake';
    case 'forbidden': case 'unauthorized': case 'closed': case 'token_failed': case 'worker_failed':
      return 'not now';
    case 'unavailable': case 'rate_limited': case 'queue_full': case 'not_connected': case 'connection_lost': case 'internal': case 'too_many_subscriptions':
      return 'again';
    default:
      return code satisfies never;
  }
};
// @ts-expect-error not a reason
export const reason: Reason = 'bored';

new MessageBus({ token: () => null, debug: true });
new MessageBus({ WebSocket });
