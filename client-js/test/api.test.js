import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { createFakeBus } from '../testing/testing.js';
import { connectedBus, newBus, outcome, settled } from '../test-support/fakes.js';

const noop = () => {};

test('A subscription knows its state, and tells when it changes', () => {
  const states = [];
  const { bus, sockets, clock } = newBus();
  const subscription = bus.subscribe('a', noop, { onState: state => states.push(state) });
  assert.equal(subscription.state, 'subscribing');
  sockets[0].accept();
  assert.equal(subscription.state, 'subscribed');

  sockets[0].end();
  assert.equal(subscription.state, 'subscribing');
  clock.advance(500);
  sockets[1].accept();
  sockets[1].say({ type: 'unsubscribed', channel: 'a', reason: 'forbidden' });

  assert.equal(subscription.state, 'failed');
  assert.deepEqual(states, ['subscribed', 'subscribing', 'subscribed', 'failed']);
});

test('A refused subscription without onError is an error event that names its channel, once for each channel', () => {
  const errors = [];
  const { bus, sockets } = connectedBus([]);
  bus.on('error', error => errors.push([error.code, error.channel]));
  bus.subscribe('not allowed', noop);
  bus.subscribe('mine', noop);
  bus.subscribe('mine', noop);
  bus.subscribe('told', noop, { onError: noop });

  for (const [id, channel] of [[2, 'not allowed'], [3, 'mine'], [4, 'told']]) {
    sockets[0].say({ type: 'error', id, channel, code: 'forbidden', message: 'No.' });
  }

  assert.deepEqual(errors, [['forbidden', 'not allowed'], ['forbidden', 'mine']]);
});

test('A connection that is closed for good is an error event where a subscriber does not listen, and a log-out is none', () => {
  const errors = [];
  const { bus, sockets } = connectedBus(['a', 'b']);
  bus.on('error', error => errors.push(`${error.code}: ${error.message}`));

  sockets[0].end(4403);
  bus.connect();
  sockets[1].accept();
  bus.close({ allTabs: true });

  assert.deepEqual(errors, ['closed: forbidden']);
});

test('A publish that nobody waits for fails as an error event, one that somebody waits for does not', async () => {
  const errors = [];
  const { bus, sockets } = connectedBus([]);
  bus.on('error', error => errors.push(`${error.code} ${error.channel}`));

  bus.publish('a', 'unheard');
  const heard = outcome(bus.publish('b', 'heard'));
  const together = outcome(Promise.all([bus.publish('c', 'heard')]));
  sockets[0].commands.slice(1).forEach(({ id, channel }) => sockets[0].say({ type: 'error', id, channel, code: 'forbidden' }));
  bus.json('d').publish(undefined).catch(noop);
  await new Promise(done => setTimeout(done, 20));

  assert.deepEqual([await heard, await together], ['forbidden', 'forbidden']);
  assert.deepEqual(errors, ['forbidden a']);
});

test('A value that JSON cannot carry rejects', async () => {
  const { bus } = newBus();
  const circle = {};
  circle.self = circle;

  assert.equal(await outcome(bus.json('a').publish(circle)), 'TypeError');
  assert.equal(await outcome(bus.json('a').publish(undefined)), 'bad_field');
});

test('All methods survive a Proxy, those of a fake bus too', async () => {
  const fake = createFakeBus({ user: '42' });
  const bus = new Proxy(fake, {});
  const got = [];

  const leave = bus.subscribe('a', payload => got.push(payload), { onGap: reason => got.push(reason) });
  bus.on('status', noop)();
  bus.connect();
  await bus.publish('a', 'x');
  await bus.json('a').publish(1);
  bus.deliver('a', 'y');
  bus.gap('a', 'too_large');
  const next = bus.once('a');
  bus.drop();
  bus.reconnect();
  bus.deliver('a', 'z');
  assert.equal((await next).payload, 'z');
  bus.refuse('b');
  leave();

  assert.deepEqual(got, ['x', '1', 'y', 'too_large', 'reconnected', 'z']);
  assert.deepEqual([bus.user, bus.published.length, bus.status.state, bus.oneOff().startsWith('one-off/')], ['42', 2, 'connected', true]);
  bus.close();
  assert.equal(fake.status.state, 'closed');
});

test('A loop hears the messages of a channel in order, also while it is busy, and leaves when it ends', async () => {
  const bus = createFakeBus();
  const got = [];
  const loop = (async () => {
    for await (const { payload } of bus.messages('a')) {
      got.push(payload);
      await settled();
      if (payload === 'c') {
        break;
      }
    }
  })();
  await settled();

  ['a', 'b', 'c', 'd'].forEach(payload => bus.deliver('a', payload));
  await loop;

  assert.deepEqual(got, ['a', 'b', 'c']);
  assert.equal(bus.deliver('a', 'e'), false);
});

test('A loop ends quietly when its signal aborts, and throws when its subscription ends', async () => {
  const bus = createFakeBus();
  const controller = new AbortController();
  const run = async options => {
    for await (const message of bus.messages('a', options)) {
      assert.fail(message.payload);
    }
    return 'left';
  };
  const [aborted, refused] = [outcome(run({ signal: controller.signal }).then(result => assert.equal(result, 'left'))), outcome(run())];
  await settled();

  controller.abort();
  bus.refuse('a', 'forbidden');

  assert.deepEqual([await aborted, await refused], ['resolved', 'forbidden']);
  assert.equal(await run({ signal: controller.signal }), 'left');
});

test('once() is the next message; a signal ends the wait', async () => {
  const bus = createFakeBus();
  const message = bus.once('a');
  await settled();
  bus.deliver('a', 'x');
  assert.deepEqual([(await message).payload, (await message).channel], ['x', 'a']);

  const controller = new AbortController();
  const never = bus.once('a', { signal: controller.signal });
  controller.abort(new Error('left'));
  await assert.rejects(never, { message: 'left' });
  assert.equal(bus.deliver('a', 'y'), false);
});

test('A loop that takes nothing does not fill the memory', async () => {
  const bus = createFakeBus();
  const messages = bus.messages('a');
  const first = messages.next();
  await settled();
  for (let n = 0; n <= 10_001; n++) {
    bus.deliver('a', 'x');
  }

  assert.equal((await first).value.payload, 'x');
  await assert.rejects(async () => { for (let n = 0; n <= 10_001; n++) { await messages.next(); } }, { code: 'queue_full' });
});

test('A signal leaves a subscription and stops listening', () => {
  const { bus, sockets, clock } = connectedBus([]);
  const controller = new AbortController();
  const statuses = [];
  bus.subscribe('a', noop, { signal: controller.signal });
  bus.on('status', ({ state }) => statuses.push(state), { signal: controller.signal });

  controller.abort();
  bus.subscribe('b', noop, { signal: controller.signal });
  clock.advance(2_000);
  bus.close();

  assert.deepEqual(sockets[0].commands.map(({ type, channel }) => `${type} ${channel}`), ['connect undefined', 'subscribe a', 'unsubscribe a']);
  assert.deepEqual(statuses, []);
});

test('Bytes of another realm are bytes', async () => {
  const bus = createFakeBus();

  await bus.publish('a', runInNewContext('new Uint8Array([1, 2])'));
  await bus.publish('a', runInNewContext('new Uint8Array([3]).buffer'));

  assert.deepEqual(bus.published.map(({ payload }) => [...payload]), [[1, 2], [3]]);
});

test('debug shows the frames, and never a token', async t => {
  const lines = t.mock.method(console, 'debug', noop);
  const { bus, sockets } = newBus({ debug: true, token: () => 'a.secret.c' });
  bus.subscribe('a', noop);
  await settled();
  sockets[0].accept();

  const text = lines.mock.calls.map(({ arguments: [, line] }) => line).join('\n');
  assert.match(text, /> \{"type":"connect","id":1,"token":"\.\.\."/);
  assert.match(text, /< \{"type":"subscribed","channel":"a"\}/);
  assert.doesNotMatch(text, /secret/);
});
