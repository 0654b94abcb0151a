import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageBus } from '../client.js';
import { connectedBus, newBus } from '../test-support/fakes.js';
import { overWebSocket } from '../worker/websocket.js';

const noop = () => {};

test('Nothing connects before the first subscribe or publish', () => {
  const { bus, sockets, clock } = newBus();

  clock.advance(60_000);

  assert.equal(sockets.length, 0);
  assert.deepEqual(bus.status, { state: 'idle' });
});

test('The first subscribe connects, over the secure scheme and with the subprotocol', () => {
  const fixture = newBus();

  fixture.bus.subscribe('a', noop);

  assert.equal(fixture.socket.url, 'wss://site.example/bus');
  assert.deepEqual(fixture.socket.protocols, ['messagebus.v1.json']);
  assert.equal(fixture.bus.status.state, 'connecting');
});

test('The first publish connects', () => {
  const fixture = newBus();

  fixture.bus.publish('a', 'x');

  assert.equal(fixture.sockets.length, 1);
});

test('An http URL becomes ws, and one that is ws already stays so', () => {
  for (const [url, expected] of [['http://site.example:8080/bus', 'ws://site.example:8080/bus'], ['wss://site.example/x', 'wss://site.example/x']]) {
    const fixture = newBus({ url });
    fixture.bus.subscribe('a', noop);
    assert.equal(fixture.socket.url, expected);
  }
});

test('A URL that is none is refused when the bus is made', () => {
  assert.throws(() => new MessageBus({ url: 'http://[' }), TypeError);
});

test('Connect names all channels, and the reply tells who the user is', () => {
  const fixture = newBus();
  fixture.bus.subscribe('a', noop);
  fixture.bus.subscribe('b', noop);

  fixture.socket.accept({ user: '42' });

  assert.deepEqual(fixture.socket.sent, ['{"type":"connect","id":1,"subscriptions":[{"channel":"a"},{"channel":"b"}]}']);
  assert.deepEqual(fixture.bus.status, { state: 'connected', connection: 'c-1', user: '42' });
  assert.equal(fixture.bus.user, '42');
});

test('A gateway that does not answer in 10 s is given up', () => {
  const fixture = newBus();
  fixture.bus.subscribe('a', noop);
  fixture.socket.open();

  fixture.clock.advance(9_999);
  assert.equal(fixture.bus.status.state, 'connecting');

  fixture.clock.advance(1);
  assert.equal(fixture.bus.status.state, 'waiting');
  assert.equal(fixture.bus.status.reason, 'connect_timeout');
  assert.equal(fixture.socket.closed, true);
});

test('A socket that was given up is not listened to any more', () => {
  const fixture = connectedBus();
  fixture.clock.advance(35_000);
  const [old] = fixture.sockets;

  old.say({ type: 'status', broker: 'down' });
  old.end(4403);

  assert.equal(fixture.bus.status.state, 'waiting');
});

test('Back-off doubles from 0.5 s to 30 s', () => {
  const fixture = newBus();
  fixture.chance.value = 0.999999;
  fixture.bus.subscribe('a', noop);

  const delays = Array.from({ length: 9 }, () => {
    fixture.socket.end();
    const delay = fixture.bus.status.retryAt - fixture.clock.now();
    fixture.clock.advance(delay);
    return Math.round(delay);
  });

  assert.deepEqual(delays, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test('Jitter is full: a retry may come at once, or at any time up to the limit', () => {
  for (const [chance, delay] of [[0, 0], [0.25, 125], [0.5, 250], [0.999, 499.5]]) {
    const fixture = newBus();
    fixture.chance.value = chance;
    fixture.bus.subscribe('a', noop);

    fixture.socket.end();

    assert.equal(fixture.bus.status.retryAt - fixture.clock.now(), delay);
  }
});

test('Back-off starts again after a connection that held for 10 s', () => {
  const fixture = newBus();
  fixture.bus.subscribe('a', noop);
  for (let i = 0; i < 5; i++) {
    fixture.socket.end();
    fixture.retry();
  }
  fixture.socket.accept();
  fixture.clock.advance(10_000);

  fixture.socket.end();

  assert.equal(fixture.bus.status.attempt, 1);
  assert.equal(fixture.bus.status.retryAt - fixture.clock.now(), 250);
});

test('Back-off goes on growing when connections are closed as soon as they are made', () => {
  const fixture = newBus();
  fixture.bus.subscribe('a', noop);

  for (let i = 0; i < 4; i++) {
    fixture.socket.accept();
    fixture.clock.advance(100);
    fixture.socket.end(4508);
    fixture.retry();
  }
  fixture.socket.end();

  assert.equal(fixture.bus.status.attempt, 5);
});

for (const [code, reason] of [[4400, 'bad_message'], [4401, 'unauthorized'], [4403, 'forbidden'], [4408, 'connect_timeout']]) {
  test(`Close code ${code} ends it for good, with the reason ${reason}`, () => {
    const fixture = connectedBus();

    fixture.socket.end(code);
    fixture.clock.advance(3_600_000);

    assert.deepEqual(fixture.bus.status, { state: 'closed', reason, closeCode: code });
    assert.equal(fixture.sockets.length, 1);
  });
}

for (const [code, reason] of [
  [4500, 'internal'], [4503, 'shutting_down'], [4504, 'heartbeat_missed'], [4508, 'too_slow'], [1006, 'connection_lost'],
  [1001, 'connection_lost'], [1009, 'message_too_big'], [4999, 'connection_lost'],
]) {
  test(`Close code ${code} is followed by another attempt, with the reason ${reason}`, () => {
    const fixture = connectedBus();

    fixture.socket.end(code);
    const status = fixture.bus.status;
    fixture.clock.advance(500);

    assert.deepEqual([status.state, status.reason, status.closeCode], ['waiting', reason, code]);
    assert.equal(fixture.sockets.length, 2);
  });
}

test('Ping is answered with pong', () => {
  const fixture = connectedBus();

  fixture.socket.say({ type: 'ping' });

  assert.equal(fixture.socket.sent.at(-1), '{"type":"pong"}');
});

test('Silence for pingInterval and 10 s means reconnect', () => {
  const fixture = newBus();
  fixture.bus.subscribe('a', noop);
  fixture.socket.accept({ pingInterval: 5 });

  fixture.clock.advance(14_999);
  assert.equal(fixture.bus.status.state, 'connected');

  fixture.clock.advance(1);
  assert.equal(fixture.bus.status.reason, 'silence');
  assert.equal(fixture.socket.closed, true);
});

test('Whatever the gateway says, even what is not understood, breaks the silence', () => {
  const fixture = connectedBus();

  for (let i = 0; i < 10; i++) {
    fixture.clock.advance(30_000);
    fixture.socket.say({ type: 'something-new' });
  }

  assert.equal(fixture.bus.status.state, 'connected');
  fixture.clock.advance(35_000);
  assert.equal(fixture.bus.status.state, 'waiting');
});

test('Moving reconnects at a random moment of the window, at once and with all channels', () => {
  const fixture = connectedBus(['a', 'b']);
  fixture.chance.value = 0.25;

  fixture.socket.say({ type: 'moving', within: 12_000 });
  fixture.clock.advance(2_999);
  assert.equal(fixture.sockets.length, 1);

  fixture.clock.advance(1);
  assert.equal(fixture.sockets[0].closed, true);
  assert.equal(fixture.bus.status.state, 'connecting');
  fixture.socket.open();
  assert.deepEqual(fixture.socket.commands[0].subscriptions, [{ channel: 'a' }, { channel: 'b' }]);
});

test('A gateway that closes before the moment of moving is reconnected to once', () => {
  const fixture = connectedBus();
  fixture.socket.say({ type: 'moving', within: 12_000 });

  fixture.socket.end(4503);
  fixture.clock.advance(500);
  fixture.socket.accept();
  fixture.clock.advance(20_000);

  assert.equal(fixture.sockets.length, 2);
});

test('Malformed messages change nothing', () => {
  const fixture = connectedBus();

  for (const text of ['', 'null', '[]', '{"type":"connected"}', '{"type":"subscribed"}', '{"type":"moving","within":"x"', '{"type":"error","id":"x"']) {
    fixture.socket.say(text);
  }

  assert.equal(fixture.bus.status.state, 'connected');
});

test('The broker is told to be down and up, and counts as up on a new connection', () => {
  const fixture = connectedBus();
  const told = [];
  fixture.bus.on('broker', broker => told.push(broker));

  fixture.socket.say({ type: 'status', broker: 'down' });
  fixture.socket.say({ type: 'status', broker: 'up' });
  fixture.socket.say({ type: 'status', broker: 'down' });
  fixture.socket.end();
  fixture.clock.advance(500);
  fixture.socket.accept();

  assert.deepEqual(told, ['down', 'up', 'down', 'up']);
});

test('The states are told in order', () => {
  const fixture = newBus();
  fixture.bus.subscribe('a', noop);

  fixture.socket.accept();
  fixture.socket.end();
  fixture.clock.advance(500);
  fixture.socket.accept();
  fixture.bus.close();

  assert.deepEqual(fixture.statuses.map(status => status.state), ['connecting', 'connected', 'waiting', 'connecting', 'connected', 'closed']);
});

test('After close there is no socket and no timer', () => {
  const fixture = connectedBus();

  fixture.bus.close();
  fixture.bus.close();

  assert.equal(fixture.socket.closed, true);
  assert.equal(fixture.clock.timers, 0);
  assert.deepEqual(fixture.bus.status, { state: 'closed', reason: 'closed' });
});

test('Close while waiting for the next attempt is final', () => {
  const fixture = connectedBus();
  fixture.socket.end();

  fixture.bus.close();
  fixture.clock.advance(60_000);

  assert.equal(fixture.sockets.length, 1);
});

test('Close from within a status listener is final', () => {
  const fixture = newBus();
  fixture.bus.on('status', ({ state }) => state === 'connected' && fixture.bus.close());
  fixture.bus.subscribe('a', noop);

  fixture.socket.accept();

  assert.equal(fixture.bus.status.state, 'closed');
  assert.equal(fixture.clock.timers, 0);
});

test('A URL that the browser refuses closes the bus', () => {
  class WebSocket {
    constructor() {
      throw new DOMException('An insecure WebSocket connection may not be initiated.', 'SecurityError');
    }
  }
  const { bus } = newBus({}, { dial: overWebSocket(WebSocket) });

  bus.subscribe('a', noop);

  assert.equal(bus.status.reason, 'refused_by_browser');
});
