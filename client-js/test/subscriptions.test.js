import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectedBus, newBus, settled } from '../test-support/fakes.js';

const noop = () => {};

/** A subscriber's options that write down what they are told. */
const recorder = () => {
  const log = [];
  return {
    log,
    onSubscribed: channel => log.push(['subscribed', channel]),
    onGap: (reason, channel) => log.push(['gap', reason, channel]),
    onError: (error, channel) => log.push(['error', error.code, channel]),
  };
};

test('A message reaches the subscribers of its channel and nobody else', () => {
  const fixture = newBus();
  const got = [];
  fixture.bus.subscribe('a', (payload, channel) => got.push(['first', payload, channel]));
  fixture.bus.subscribe('a', (payload, channel) => got.push(['second', payload, channel]));
  fixture.bus.subscribe('b', (payload, channel) => got.push(['other', payload, channel]));
  fixture.socket.accept();

  fixture.socket.say({ type: 'message', channel: 'a', payload: '{"n":1}' });
  fixture.socket.say({ type: 'message', channel: 'nobody', payload: 'x' });

  assert.deepEqual(got, [['first', '{"n":1}', 'a'], ['second', '{"n":1}', 'a']]);
});

test('The third argument has the bytes, of text and of what is not text', () => {
  const fixture = newBus();
  const got = [];
  fixture.bus.subscribe('a', (payload, _, message) => got.push([payload, message.channel, message.payload, [...message.bytes]]));
  fixture.socket.accept();

  fixture.socket.say({ type: 'message', channel: 'a', payload: 'é' });
  fixture.socket.say({ type: 'message', channel: 'a', base64: '/wA=' });

  assert.deepEqual(got, [['é', 'a', 'é', [0xc3, 0xa9]], ['\ufffd\0', 'a', '\ufffd\0', [0xff, 0]]]);
});

test('Subscribers of a channel share one subscription, which ends a second after the last of them', () => {
  const fixture = connectedBus(['other']);

  const leaveFirst = fixture.bus.subscribe('a', noop);
  const leaveSecond = fixture.bus.subscribe('a', noop);
  leaveFirst();
  leaveFirst();
  assert.deepEqual(fixture.socket.sent.slice(1), ['{"type":"subscribe","id":2,"channel":"a"}']);

  leaveSecond();
  fixture.clock.advance(999);
  assert.equal(fixture.socket.sent.length, 2);
  fixture.clock.advance(1);
  assert.deepEqual(fixture.socket.sent.slice(2), ['{"type":"unsubscribe","id":3,"channel":"a"}']);
});

test('The same callback given twice is two subscribers', () => {
  const fixture = newBus();
  let calls = 0;
  const count = () => calls++;
  const leave = fixture.bus.subscribe('a', count);
  fixture.bus.subscribe('a', count);
  fixture.socket.accept();

  fixture.socket.say({ type: 'message', channel: 'a', payload: '' });
  leave();
  fixture.socket.say({ type: 'message', channel: 'a', payload: '' });

  assert.equal(calls, 3);
});

test('What is subscribed between connect and its reply is sent at once', () => {
  const fixture = newBus();
  const leave = fixture.bus.subscribe('a', noop);
  fixture.socket.open();

  fixture.bus.subscribe('b', noop);
  leave();
  fixture.clock.advance(1_000);

  assert.deepEqual(fixture.socket.sent.slice(1), ['{"type":"subscribe","id":2,"channel":"b"}', '{"type":"unsubscribe","id":3,"channel":"a"}']);
});

test('Who subscribes and leaves before there is a socket leaves no trace', () => {
  const fixture = newBus();
  fixture.bus.subscribe('a', noop)();
  fixture.clock.advance(1_000);

  fixture.socket.accept();

  assert.deepEqual(fixture.socket.sent, ['{"type":"connect","id":1}']);
});

test('Every subscriber is told once that its messages flow, the late one too', async () => {
  const fixture = newBus();
  const [early, late] = [recorder(), recorder()];
  fixture.bus.subscribe('a', noop, early);
  assert.deepEqual(early.log, []);

  fixture.socket.accept();
  fixture.bus.subscribe('a', noop, late);
  await settled();

  assert.deepEqual(early.log, [['subscribed', 'a']]);
  assert.deepEqual(late.log, [['subscribed', 'a']]);
});

test('After a reconnect every subscriber hears of the gap, once its messages flow again', () => {
  const subscriber = recorder();
  const fixture = connectedBus(['a', 'b'], subscriber);
  const gaps = [];
  fixture.bus.on('gap', gap => gaps.push(gap));
  subscriber.log.length = 0;

  fixture.socket.end();
  fixture.clock.advance(500);
  fixture.socket.open();
  fixture.socket.say({ type: 'connected', id: 1 });
  assert.deepEqual(subscriber.log, []);
  fixture.socket.say({ type: 'subscribed', channel: 'b' });
  fixture.socket.say({ type: 'subscribed', channel: 'a' });

  assert.deepEqual(subscriber.log, [['gap', 'reconnected', 'b'], ['gap', 'reconnected', 'a']]);
  assert.deepEqual(gaps, [{ channel: 'b', reason: 'reconnected' }, { channel: 'a', reason: 'reconnected' }]);
});

test('A subscription that was never confirmed has no gap to tell of', () => {
  const fixture = newBus();
  const subscriber = recorder();
  fixture.bus.subscribe('a', noop, subscriber);
  fixture.socket.open();
  fixture.socket.end();
  fixture.clock.advance(500);

  fixture.socket.accept();

  assert.deepEqual(subscriber.log, [['subscribed', 'a']]);
});

test('Who joins while the connection is away is told when it is back, not before', async () => {
  const fixture = connectedBus(['a']);
  const subscriber = recorder();
  fixture.socket.end();

  fixture.bus.subscribe('a', noop, subscriber);
  await settled();
  assert.deepEqual(subscriber.log, []);

  fixture.clock.advance(500);
  fixture.socket.accept();
  assert.deepEqual(subscriber.log[0], ['subscribed', 'a']);
});

test('A gap of one channel is told to its subscribers, one of all channels to all', () => {
  const subscriber = recorder();
  const fixture = connectedBus(['a', 'b'], subscriber);
  const gaps = [];
  fixture.bus.on('gap', gap => gaps.push(gap));
  subscriber.log.length = 0;

  fixture.socket.say({ type: 'gap', channel: 'b', reason: 'too_large' });
  fixture.socket.say({ type: 'gap', reason: 'broker_reconnected' });

  assert.deepEqual(subscriber.log, [['gap', 'too_large', 'b'], ['gap', 'broker_reconnected', 'a'], ['gap', 'broker_reconnected', 'b']]);
  assert.deepEqual(gaps, [{ channel: 'b', reason: 'too_large' }, { channel: undefined, reason: 'broker_reconnected' }]);
});

test('A refused subscription ends with the error, and can be asked for anew', () => {
  const fixture = connectedBus(['other']);
  const subscriber = recorder();
  const leave = fixture.bus.subscribe('a', noop, subscriber);

  fixture.socket.say({ type: 'error', id: 2, code: 'forbidden', message: 'Not allowed.' });
  leave();
  fixture.bus.subscribe('a', noop);

  assert.deepEqual(subscriber.log, [['error', 'forbidden', 'a']]);
  assert.deepEqual(fixture.socket.sent.slice(2), ['{"type":"subscribe","id":3,"channel":"a"}']);
});

test('A channel of connect is refused by an error that names it', () => {
  const fixture = newBus();
  const [refused, fine] = [recorder(), recorder()];
  fixture.bus.subscribe('a', noop, refused);
  fixture.bus.subscribe('b', noop, fine);
  fixture.socket.open();

  fixture.socket.say({ type: 'connected', id: 1 });
  fixture.socket.say({ type: 'error', channel: 'a', code: 'forbidden', message: 'Not allowed.' });
  fixture.socket.say({ type: 'subscribed', channel: 'b' });

  assert.deepEqual(refused.log, [['error', 'forbidden', 'a']]);
  assert.deepEqual(fine.log, [['subscribed', 'b']]);
});

test('While the broker is away a subscription is tried again after retryAfter, and the application hears nothing', () => {
  const fixture = connectedBus(['other']);
  const subscriber = recorder();
  const errors = [];
  fixture.bus.on('error', error => errors.push(error));
  fixture.bus.subscribe('a', noop, subscriber);

  fixture.socket.say({ type: 'error', id: 2, channel: 'a', code: 'unavailable', message: 'No broker.', retryAfter: 2_000 });
  fixture.clock.advance(1_999);
  assert.equal(fixture.socket.sent.length, 2);
  fixture.clock.advance(1);
  assert.equal(fixture.socket.sent[2], '{"type":"subscribe","id":3,"channel":"a"}');
  fixture.socket.say({ type: 'subscribed', id: 3, channel: 'a' });

  assert.deepEqual(subscriber.log, [['subscribed', 'a']]);
  assert.deepEqual(errors, []);
});

test('What the broker could not do is asked for again as soon as it is back, and only once', () => {
  const fixture = connectedBus(['other']);
  fixture.bus.subscribe('a', noop);
  fixture.socket.say({ type: 'error', id: 2, channel: 'a', code: 'unavailable', message: 'No broker.', retryAfter: 5_000 });

  fixture.socket.say({ type: 'status', broker: 'up' });
  fixture.clock.advance(10_000);

  assert.deepEqual(fixture.socket.sent.slice(2), ['{"type":"subscribe","id":3,"channel":"a"}']);
});

test('A retry does not outlive the subscriber or the socket', () => {
  const fixture = connectedBus(['other']);
  const leave = fixture.bus.subscribe('a', noop);
  fixture.socket.say({ type: 'error', id: 2, channel: 'a', code: 'unavailable', message: 'No broker.', retryAfter: 5_000 });

  leave();
  fixture.clock.advance(10_000);
  assert.equal(fixture.socket.sent.length, 2);

  fixture.bus.subscribe('b', noop);
  fixture.socket.say({ type: 'error', id: 3, channel: 'b', code: 'unavailable', message: 'No broker.', retryAfter: 5_000 });
  fixture.socket.end();
  fixture.clock.advance(500);
  fixture.socket.accept();
  fixture.clock.advance(10_000);
  assert.deepEqual(fixture.socket.sent, ['{"type":"connect","id":1,"subscriptions":[{"channel":"other"},{"channel":"b"}]}']);
});

test('The reply to a command that was overtaken is not taken for the one waited for', () => {
  const fixture = connectedBus(['other']);
  const subscriber = recorder();
  fixture.bus.subscribe('a', noop)();
  fixture.clock.advance(1_000);
  fixture.bus.subscribe('a', noop, subscriber);

  fixture.socket.say({ type: 'subscribed', id: 2, channel: 'a' });
  fixture.socket.say({ type: 'unsubscribed', id: 3, channel: 'a' });
  assert.deepEqual(subscriber.log, []);

  fixture.socket.say({ type: 'subscribed', id: 4, channel: 'a' });
  assert.deepEqual(subscriber.log, [['subscribed', 'a']]);
});

test('A subscription that the gateway ends is over, and its subscribers are told why', () => {
  const subscriber = recorder();
  const fixture = connectedBus(['a', 'b'], subscriber);
  subscriber.log.length = 0;

  fixture.socket.say({ type: 'unsubscribed', channel: 'a', reason: 'forbidden' });
  fixture.socket.end();
  fixture.clock.advance(500);
  fixture.socket.open();

  assert.deepEqual(subscriber.log, [['error', 'forbidden', 'a']]);
  assert.deepEqual(fixture.socket.commands[0].subscriptions, [{ channel: 'b' }]);
});

test('When the connection is closed for good, the subscriptions end', async () => {
  const subscriber = recorder();
  const fixture = connectedBus(['a'], subscriber);
  subscriber.log.length = 0;

  fixture.socket.end(4403);
  fixture.bus.subscribe('late', noop, subscriber);
  await settled();

  assert.deepEqual(subscriber.log, [['error', 'closed', 'a'], ['error', 'closed', 'late']]);
});

test('A subscription that the gateway added itself is not ours to answer for', () => {
  const fixture = connectedBus(['a']);

  fixture.socket.say({ type: 'subscribed', channel: 'users/42' });
  fixture.socket.say({ type: 'message', channel: 'users/42', payload: 'x' });
  fixture.socket.say({ type: 'unsubscribed', channel: 'users/42', reason: 'forbidden' });

  assert.equal(fixture.bus.status.state, 'connected');
});

test('A callback that throws is reported and does not stop the others', () => {
  const fixture = newBus();
  const got = [];
  const errors = [];
  fixture.bus.on('error', () => { throw new Error('the listener too'); });
  fixture.bus.on('error', error => errors.push(error.message));
  const { error: original } = console;
  const printed = [];
  console.error = (...values) => printed.push(values);
  fixture.bus.subscribe('a', () => { throw new Error('mine'); }, { onSubscribed: () => { throw new Error('also mine'); } });
  fixture.bus.subscribe('a', payload => got.push(payload));
  try {
    fixture.socket.accept();
    fixture.socket.say({ type: 'message', channel: 'a', payload: 'x' });
  } finally {
    console.error = original;
  }

  assert.deepEqual(got, ['x']);
  assert.deepEqual(errors, ['also mine', 'mine']);
  assert.equal(printed.length, 2);
});

test('Without an error listener, errors go to the console', () => {
  const fixture = connectedBus();
  const printed = [];
  const { error: original } = console;
  console.error = (...values) => printed.push(values);
  try {
    fixture.socket.say({ type: 'error', code: 'rate_limited', message: 'Slow down.' });
  } finally {
    console.error = original;
  }

  assert.equal(printed[0][1].code, 'rate_limited');
});

test('A subscriber that leaves during a message does not get it, and one that joins gets the next', () => {
  const fixture = newBus();
  const got = [];
  fixture.bus.subscribe('a', () => {
    leaveSecond();
    fixture.bus.subscribe('a', payload => got.push(['joined', payload]));
  });
  const leaveSecond = fixture.bus.subscribe('a', payload => got.push(['second', payload]));
  fixture.socket.accept();

  fixture.socket.say({ type: 'message', channel: 'a', payload: '1' });
  assert.deepEqual(got, []);

  fixture.socket.say({ type: 'message', channel: 'a', payload: '2' });
  assert.deepEqual(got, [['joined', '2']]);
});

test('What is no channel, no callback or no event is refused at once', () => {
  const { bus, sockets } = newBus();

  assert.throws(() => bus.subscribe('', noop), TypeError);
  assert.throws(() => bus.subscribe(7, noop), TypeError);
  assert.throws(() => bus.subscribe('a'), TypeError);
  assert.throws(() => bus.on('stauts', noop), /No event 'stauts'/);
  assert.equal(sockets.length, 0);
});

test('A listener that was taken off hears nothing more', () => {
  const fixture = connectedBus();
  const told = [];
  const off = fixture.bus.on('broker', broker => told.push(broker));

  fixture.socket.say({ type: 'status', broker: 'down' });
  off();
  fixture.socket.say({ type: 'status', broker: 'up' });

  assert.deepEqual(told, ['down']);
});
