import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageBusError } from '../client.js';
import { connectedBus, newBrowser, newBus, outcome, settled } from '../test-support/fakes.js';

const noop = () => {};

test('connect() after close() reopens with all subscriptions, and tells them the gap', () => {
  const got = [];
  const { bus, sockets } = connectedBus([]);
  bus.subscribe('a', payload => got.push(payload), { onGap: reason => got.push(reason) });
  sockets[0].say({ type: 'subscribed', id: 2, channel: 'a' });

  bus.close();
  bus.connect();
  sockets[1].accept();
  sockets[1].say({ type: 'message', channel: 'a', payload: 'x' });

  assert.deepEqual(sockets[1].commands[0].subscriptions, [{ channel: 'a' }]);
  assert.deepEqual(got, ['reconnected', 'x']);
  assert.equal(bus.status.state, 'connected');
});

test('connect() after the gateway has closed for good reopens, for subscribers that were told too', async () => {
  const told = [];
  const { bus, sockets } = connectedBus(['a'], { onError: ({ code, message }) => told.push(`${code} ${message}`) });
  sockets[0].end(4403);
  assert.equal(await outcome(bus.publish('a', 'x')), 'closed');

  bus.connect();
  assert.equal(bus.status.state, 'connecting');
  sockets[1].accept();

  assert.deepEqual(told, ['closed forbidden']);
  assert.deepEqual(sockets[1].commands[0].subscriptions, [{ channel: 'a' }]);
});

test('A reopened bus asks for a new token', async () => {
  const tokens = ['a.eyJzdWIiOiI0MiJ9.c', 'a.eyJzdWIiOiI3In0.c'];
  const { bus, sockets } = newBus({ token: () => tokens.shift() });
  bus.subscribe('a', noop);
  await settled();
  sockets[0].accept({ user: '42' });

  bus.close();
  bus.connect();
  await settled();
  sockets[1].accept({ user: '7' });

  assert.equal(sockets[1].commands[0].token, 'a.eyJzdWIiOiI3In0.c');
  assert.equal(bus.user, '7');
});

test('What is subscribed while the bus is closed is there when it reopens', async () => {
  const { bus, sockets } = connectedBus([]);
  bus.close();
  bus.subscribe('a', noop, { onError: noop });
  await settled();

  bus.connect();
  sockets[1].accept();

  assert.deepEqual(sockets[1].commands[0].subscriptions, [{ channel: 'a' }]);
});

test('connect() does not wait for the next attempt, nor for the network', () => {
  const browser = newBrowser();
  const { sockets } = browser;
  const tab = browser.newTab();
  const { bus } = tab;
  bus.connect();
  sockets[0].end();
  bus.connect();
  assert.equal(sockets.length, 2);

  sockets[1].accept();
  tab.page.post({ type: 'offline' });
  bus.connect();
  assert.equal(sockets.length, 3);
});

test('A page may connect as nobody: token() gives null', async () => {
  const { bus, sockets } = newBus({ token: () => null });
  bus.subscribe('a', noop);
  await settled();
  sockets[0].accept();

  assert.deepEqual(sockets[0].commands[0], { type: 'connect', id: 1, subscriptions: [{ channel: 'a' }] });
  assert.equal(bus.user, null);
});

test('token() that throws unauthorized ends the bus, at first and later', async () => {
  const denied = () => { throw new MessageBusError('unauthorized', 'Log in.'); };
  const first = newBus({ token: denied });
  first.bus.on('error', noop);
  first.bus.subscribe('a', noop, { onError: noop });
  await settled();
  assert.deepEqual(first.bus.status, { state: 'closed', reason: 'unauthorized' });

  let give = () => 'a.eyJzdWIiOiI0MiJ9.c';
  const later = newBus({ token: () => give() });
  later.bus.on('error', noop);
  later.bus.subscribe('a', noop, { onError: noop });
  await settled();
  later.socket.accept({ user: '42' });
  give = denied;
  later.socket.end(4401);
  later.clock.advance(500);
  await settled();

  assert.equal(later.bus.status.reason, 'unauthorized');
  assert.equal(later.bus.status.state, 'closed');
});

test('connect() asks for the token at once that could not be had', async () => {
  let asked = 0;
  const { bus } = newBus({ token: () => { asked++; throw new Error('no network'); } });
  bus.on('error', noop);
  bus.connect();
  await settled();
  assert.equal(bus.status.reason, 'token_failed');

  bus.connect();
  await settled();

  assert.equal(asked, 2);
});

test('Fifty pages shown and hidden in an outage make one attempt', () => {
  const browser = newBrowser();
  const tab = browser.newTab();
  tab.bus.subscribe('a', noop);
  browser.socket.accept();
  browser.chance.value = 0.999;
  browser.socket.end();
  for (let n = 0; n < 6; n++) {
    browser.clock.advance(tab.bus.status.retryAt - browser.clock.now());
    browser.socket.end();
  }
  const before = browser.sockets.length;

  for (let n = 0; n < 50; n++) {
    tab.page.post({ type: 'wake' });
    browser.socket.end();
    browser.clock.advance(50);
  }

  assert.equal(browser.sockets.length - before, 1);
});

test('A browser that goes offline and online again and again is followed, but not at every turn', () => {
  const browser = newBrowser();
  const tab = browser.newTab();
  tab.bus.subscribe('a', noop);
  browser.socket.accept();
  const before = browser.sockets.length;

  for (let n = 0; n < 50; n++) {
    tab.page.post({ type: 'offline' });
    tab.page.post({ type: 'online' });
    browser.clock.advance(10);
  }
  assert.ok(browser.sockets.length - before <= 2, `${browser.sockets.length - before} attempts`);
  browser.clock.advance(5_000);

  browser.socket.accept();
  assert.equal(tab.bus.status.state, 'connected');
});
