import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageBus } from '../client.js';
import { createFakeBus } from '../testing/testing.js';
import { outcome, settled } from '../test-support/fakes.js';

const noop = () => {};

/** A fake bus that is subscribed to the channel 'a', and what it was told, in order. */
function subscribedBus(options = {}) {
  const bus = createFakeBus(options);
  const told = [];
  bus.subscribe('a', payload => told.push(payload), {
    onSubscribed: () => told.push('subscribed'),
    onGap: reason => told.push(`gap: ${reason}`),
    onError: error => told.push(`error: ${error.code}`),
  });
  return { bus, told };
}

test('What is delivered has reached the callbacks when deliver returns', () => {
  const { bus, told } = subscribedBus();

  const reached = bus.deliver('a', 'hello');

  assert.equal(reached, true);
  assert.deepEqual(told, ['subscribed', 'hello']);
  assert.ok(bus instanceof MessageBus);
});

test('Nothing happens while subscribe is called, as with a real gateway', async () => {
  const { bus, told } = subscribedBus();

  const before = [bus.status.state, ...told];
  await settled();

  assert.deepEqual(before, ['idle']);
  assert.deepEqual([bus.status.state, ...told], ['connected', 'subscribed']);
});

test('A message for a channel without a subscriber, or after the last one has left, reaches nobody', () => {
  const bus = createFakeBus();
  const leave = bus.subscribe('a', noop);

  const reached = [bus.deliver('a', '1'), bus.deliver('b', '2'), leave(), bus.deliver('a', '3')];

  assert.deepEqual(reached, [true, false, undefined, false]);
});

test('Bytes arrive as they were delivered', () => {
  const bus = createFakeBus();
  const got = [];
  bus.subscribe('a', (payload, channel, { bytes }) => got.push(payload, channel, [...bytes]));

  bus.deliver('a', new Uint8Array([0xff, 0x61]));

  assert.deepEqual(got, ['\ufffda', 'a', [0xff, 0x61]]);
});

test('What the page publishes is kept, accepted, and heard by its own subscribers', async () => {
  const { bus, told } = subscribedBus();

  await bus.publish('a', 'text');
  await bus.publish('b', new Uint8Array([1, 2]));
  await bus.json('c').publish({ x: 1 });

  assert.deepEqual(bus.published, [{ channel: 'a', payload: 'text' }, { channel: 'b', payload: new Uint8Array([1, 2]) }, { channel: 'c', payload: '{"x":1}' }]);
  assert.deepEqual(told, ['subscribed', 'text']);
});

test('A gap is told to the one channel, or to all', () => {
  const { bus, told } = subscribedBus();
  const gaps = [];
  bus.on('gap', ({ channel }) => gaps.push(channel));

  bus.gap('b');
  bus.gap();
  bus.gap('a', 'page_asleep');

  assert.deepEqual(told, ['subscribed', 'gap: broker_reconnected', 'gap: page_asleep']);
  assert.deepEqual(gaps, [undefined, 'a']);
});

test('A dropped connection stays away, loses messages, and tells the gap when it is back', () => {
  const { bus, told } = subscribedBus();

  bus.drop();
  const meanwhile = [bus.status.state, bus.status.reason, bus.deliver('a', 'lost')];
  bus.reconnect();
  bus.deliver('a', 'there');

  assert.deepEqual(meanwhile, ['waiting', 'connection_lost', false]);
  assert.equal(bus.status.state, 'connected');
  assert.deepEqual(told, ['subscribed', 'gap: reconnected', 'there']);
});

test('Publications wait for the connection, or fail at once where they may not', async () => {
  const { bus } = subscribedBus();
  bus.drop();

  const waiting = bus.publish('a', 'later');
  const failed = await outcome(bus.publish('a', 'now or never', { queue: false }));
  const before = [...bus.published];
  bus.reconnect();

  assert.equal(failed, 'not_connected');
  assert.deepEqual(before, []);
  assert.equal(await outcome(waiting), 'resolved');
  assert.deepEqual(bus.published, [{ channel: 'a', payload: 'later' }]);
});

test('A close code of the gateway ends the bus as it does in earnest', async () => {
  const { bus, told } = subscribedBus();

  bus.drop(4403);

  assert.deepEqual(bus.status, { state: 'closed', reason: 'forbidden', closeCode: 4403 });
  assert.deepEqual(told, ['subscribed', 'error: closed']);
  assert.equal(await outcome(bus.publish('a', 'x')), 'closed');
});

test('An expired token is replaced by the next one', async () => {
  let asked = 0;
  const { bus, told } = subscribedBus({ token: () => `token-${++asked}`, user: '42' });
  const states = [];
  await settled();
  bus.on('status', ({ state, reason }) => states.push(reason ?? state));

  await bus.expireToken();

  assert.equal(asked, 2);
  assert.deepEqual(states, ['unauthorized', 'connecting', 'connected']);
  assert.deepEqual(told, ['subscribed', 'gap: reconnected']);
  assert.equal(bus.user, '42');
});

test('Where the page has no next token the bus waits, and reconnect asks again', async () => {
  const tokens = ['first'];
  const { bus } = subscribedBus({ token: async () => tokens.shift() ?? Promise.reject(new Error('the login server is away')) });
  const errors = [];
  bus.on('error', ({ message }) => errors.push(message));
  await settled();

  await bus.expireToken();
  const { reason } = bus.status;
  tokens.push('second');
  bus.reconnect();
  await settled();

  assert.equal(reason, 'token_failed');
  assert.deepEqual(errors, ['the login server is away']);
  assert.equal(bus.status.state, 'connected');
});

test('A bus without tokens is over when the gateway wants one', async () => {
  const { bus } = subscribedBus();

  await bus.expireToken();

  assert.deepEqual(bus.status, { state: 'closed', reason: 'unauthorized', closeCode: 4401 });
});

test('A refused channel ends its subscription, and refuses the next one and publications', async () => {
  const { bus, told } = subscribedBus();

  bus.refuse('a');
  const published = await outcome(bus.publish('a', 'x'));
  const again = await outcome(new Promise((onSubscribed, onError) => bus.subscribe('a', noop, { onSubscribed, onError })));

  assert.deepEqual(told, ['subscribed', 'error: forbidden']);
  assert.deepEqual([published, again], ['forbidden', 'forbidden']);
  assert.equal(bus.deliver('a', 'x'), false);
});

test('A closed fake bus is over', async () => {
  const { bus, told } = subscribedBus();
  await settled();

  bus.close();

  assert.equal(bus.deliver('a', 'x'), false);
  assert.equal(await outcome(bus.publish('a', 'x')), 'closed');
  assert.deepEqual(told, ['subscribed']);
});
