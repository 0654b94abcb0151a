import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectedBus, newBus, outcome, settled } from '../test-support/fakes.js';

test('A publish resolves when the broker has accepted it, not before', async () => {
  const { bus, socket } = connectedBus();
  let result = 'pending';
  outcome(bus.publish('orders/42', 'hello')).then(value => result = value);

  await settled();
  assert.equal(result, 'pending');
  assert.equal(socket.sent[1], '{"type":"publish","id":2,"channel":"orders/42","payload":"hello"}');

  socket.say({ type: 'published', id: 2 });
  await settled();
  assert.equal(result, 'resolved');
});

test('A refused publish rejects with the code of the gateway', async () => {
  const { bus, socket } = connectedBus();
  const published = bus.publish('orders/42', 'hello');
  await settled();

  socket.say({ type: 'error', id: 2, code: 'rate_limited', message: 'Slow down.', retryAfter: 500 });

  await assert.rejects(published, { name: 'MessageBusError', code: 'rate_limited', message: 'Slow down.', retryAfter: 500 });
});

test('Bytes travel as base64', async () => {
  const { bus, socket } = connectedBus();

  bus.publish('orders/42', new Uint8Array([255, 0, 254]));
  bus.publish('orders/42', new Uint8Array([255]).buffer);
  await settled();

  assert.deepEqual(socket.commands.slice(1).map(command => command.base64), ['/wD+', '/w==']);
});

test('Anything but text and bytes is refused, with the way out', async () => {
  const { bus, sockets } = newBus();

  for (const payload of [undefined, null, 7, true, {}, [1], new Uint16Array(1)]) {
    await assert.rejects(bus.publish('a', payload), { name: 'MessageBusError', code: 'bad_field', message: /json\(\)/ });
  }
  await assert.rejects(bus.publish(7, 'x'), { name: 'MessageBusError', code: 'bad_field' });

  assert.equal(sockets.length, 0);
});

test('A view of a large buffer is sent alone, and left to the page', async () => {
  const { bus, socket } = connectedBus();
  const view = new Uint8Array(new ArrayBuffer(1_000_000), 10, 2);

  bus.publish('orders/42', view);
  await settled();

  assert.equal(socket.last.base64, 'AAA=');
  assert.equal(view.length, 2);
});

test('What is published while not connected waits, and is sent in order once connected', async () => {
  const { bus, sockets } = newBus();
  const results = Promise.all([outcome(bus.publish('a', '1')), outcome(bus.publish('a', '2'))]);
  const [socket] = sockets;
  socket.open();
  assert.deepEqual(socket.sent, ['{"type":"connect","id":1}']);

  socket.accept();
  assert.deepEqual(socket.commands.slice(-2).map(command => command.payload), ['1', '2']);
  for (const { id } of socket.commands.slice(-2)) {
    socket.say({ type: 'published', id });
  }

  assert.deepEqual(await results, ['resolved', 'resolved']);
});

test('At most 1,000 messages wait', async () => {
  const { bus } = newBus();
  for (let i = 0; i < 1_000; i++) {
    bus.publish('a', 'x').catch(() => {});
  }

  assert.equal(await outcome(bus.publish('a', 'x')), 'queue_full');
});

test('At most 1 MiB waits, in bytes of UTF-8, and what was sent makes room', async () => {
  const fixture = newBus();
  const half = '€'.repeat(170_000); // 510,000 bytes
  fixture.bus.publish('a', half).catch(() => {});
  fixture.bus.publish('a', half).catch(() => {});
  assert.equal(await outcome(fixture.bus.publish('a', half)), 'queue_full');

  fixture.socket.accept({ maxMessage: 1_000_000 });
  fixture.socket.end();
  const again = outcome(fixture.bus.publish('a', half));
  fixture.bus.close();

  assert.equal(await again, 'closed');
});

test('What is in flight when the socket drops rejects, what waits goes on waiting', async () => {
  const fixture = connectedBus();
  const lost = outcome(fixture.bus.publish('orders/42', 'in flight'));
  await settled();
  fixture.socket.end();
  const kept = outcome(fixture.bus.publish('orders/42', 'waiting'));

  assert.equal(await lost, 'connection_lost');
  fixture.clock.advance(500);
  fixture.socket.accept();
  assert.equal(fixture.socket.last.payload, 'waiting');
  fixture.socket.say({ type: 'published', id: fixture.socket.last.id });
  assert.equal(await kept, 'resolved');
});

test('Close settles everything, and what comes after it', async () => {
  const fixture = connectedBus();
  const inFlight = outcome(fixture.bus.publish('orders/42', 'x'));
  await settled();
  fixture.bus.close();
  assert.equal(await inFlight, 'closed');
  assert.equal(await outcome(fixture.bus.publish('orders/42', 'x')), 'closed');

  const waiting = newBus();
  const queued = outcome(waiting.bus.publish('a', 'x'));
  waiting.socket.end(4403);
  assert.equal(await queued, 'closed');
});

test('A message that the gateway would close the connection for is not sent', async () => {
  const fixture = newBus();
  const queued = outcome(fixture.bus.publish('a', 'x'.repeat(2_000)));
  fixture.socket.accept({ maxMessage: 1_024 });
  const later = outcome(fixture.bus.publish('a', '€'.repeat(400)));

  assert.deepEqual([await queued, await later], ['too_large', 'too_large']);
  assert.equal(fixture.socket.sent.length, 1);
});

test('When the network takes less than is published, publishes are refused and not piled up', async () => {
  const fixture = connectedBus();
  fixture.socket.bufferedAmount = 1024 * 1024 + 1;

  assert.equal(await outcome(fixture.bus.publish('orders/42', 'x')), 'queue_full');
});

test('A reply that nobody waits for is ignored', async () => {
  const { bus, socket } = connectedBus();

  socket.say({ type: 'published', id: 77 });

  assert.equal(bus.status.state, 'connected');
});
