import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newBrowser, outcome, settled } from '../test-support/fakes.js';

const noop = () => {};

/** A browser whose tabs are subscribed to the channel and connected. `got[i]` is what tab i has received. */
function connectedTabs(count, options = {}) {
  const browser = newBrowser();
  const got = Array.from({ length: count }, () => []);
  const tabs = got.map(list => browser.newTab(options));
  tabs.forEach(({ bus }, i) => bus.subscribe('a', payload => got[i].push(payload)));
  browser.socket.accept();
  return { browser, tabs, got };
}

const say = (browser, payload, channel = 'a') => browser.socket.say({ type: 'message', channel, payload });

test('Tabs share one socket and one subscription, and each gets every message', () => {
  const { browser, got } = connectedTabs(3);

  say(browser, '1');
  say(browser, '2');

  assert.equal(browser.sockets.length, 1);
  assert.deepEqual(browser.socket.commands[0].subscriptions, [{ channel: 'a' }]);
  assert.deepEqual(got, [['1', '2'], ['1', '2'], ['1', '2']]);
});

test('A message reaches only the tabs that are subscribed to its channel', () => {
  const { browser, tabs, got } = connectedTabs(2);
  tabs[1].bus.subscribe('b', payload => got[1].push(payload));

  say(browser, 'for one', 'b');

  assert.deepEqual(got, [[], ['for one']]);
});

test('A tab that comes to an open channel is subscribed at once', () => {
  const { browser } = connectedTabs(1);
  const told = [];
  const late = browser.newTab();

  late.bus.subscribe('a', noop, { onSubscribed: channel => told.push(channel) });

  assert.deepEqual(told, ['a']);
  assert.equal(browser.socket.sent.length, 1);
  assert.equal(late.bus.status.state, 'connected');
});

test('A tab that comes while the broker is away is told so', () => {
  const { browser } = connectedTabs(1);
  browser.socket.say({ type: 'status', broker: 'down' });
  const told = [];
  const late = browser.newTab();
  late.bus.on('broker', broker => told.push(broker));

  late.bus.connect();

  assert.deepEqual(told, ['down']);
});

for (const [how, end] of [['closed its bus', tab => tab.bus.close()], ['crashed', tab => tab.crash()]]) {
  test(`What a tab alone was subscribed to ends a second after it ${how}`, () => {
    const { browser, tabs, got } = connectedTabs(2);
    tabs[0].bus.subscribe('mine', noop);
    browser.socket.say({ type: 'subscribed', id: 2, channel: 'mine' });

    end(tabs[0]);
    browser.clock.advance(1_000);
    say(browser, 'x');

    assert.deepEqual(browser.socket.sent.slice(2), ['{"type":"unsubscribe","id":3,"channel":"mine"}']);
    assert.deepEqual(got, [[], ['x']]);
  });

  test(`The socket is closed when the last tab has ${how}`, () => {
    const { browser, tabs } = connectedTabs(2);

    end(tabs[0]);
    assert.equal(browser.socket.closed, false);
    end(tabs[1]);

    assert.equal(browser.socket.closed, true);
    assert.equal(browser.clock.timers, 0);
  });
}

test('A tab that comes back within a second finds its channel still open', () => {
  const { browser, tabs, got } = connectedTabs(2);
  const leave = tabs[0].bus.subscribe('mine', noop);
  browser.socket.say({ type: 'subscribed', id: 2, channel: 'mine' });
  const told = [];

  leave();
  browser.clock.advance(999);
  tabs[1].bus.subscribe('mine', payload => got[1].push(payload), { onSubscribed: () => told.push('subscribed') });
  browser.clock.advance(10_000);
  say(browser, 'x', 'mine');

  assert.equal(browser.socket.sent.length, 2);
  assert.deepEqual([told, got[1]], [['subscribed'], ['x']]);
});

test('The tabs know how many they are', () => {
  const browser = newBrowser();
  const counts = [];
  const first = browser.newTab();
  first.bus.on('tabs', tabs => counts.push(tabs));
  first.bus.connect();
  const second = browser.newTab();
  second.bus.connect();
  second.crash();

  assert.deepEqual(counts, [1, 2, 1]);
});

test('A tab that takes nothing stops no other, costs a bounded memory, and hears of the gap when it wakes', () => {
  const { browser, tabs, got } = connectedTabs(2);
  const gaps = [];
  tabs[0].bus.on('gap', gap => gaps.push(gap));
  const { page } = tabs[0];
  const waiting = [];
  const wake = page.hear;
  page.hear = message => waiting.push(message);

  for (let n = 0; n < 100_500; n++) {
    say(browser, String(n));
  }
  assert.equal(waiting.length, 100_000);
  assert.equal(got[1].length, 100_500);

  page.hear = wake;
  waiting.forEach(message => wake(message));
  say(browser, 'after');

  assert.deepEqual(gaps, [{ channel: undefined, reason: 'page_asleep' }]);
  assert.equal(got[0].length, 100_001);
  assert.equal(got[0].at(-1), 'after');
});

test('What waits for a tab is bounded in characters too', () => {
  const { browser, tabs } = connectedTabs(1);
  let waiting = 0;
  tabs[0].page.hear = () => waiting++;
  const payload = 'x'.repeat(1024 * 1024);

  for (let n = 0; n < 100; n++) {
    say(browser, payload);
  }

  assert.equal(waiting, 64);
});

test('When the worker dies the tabs meet in a new one, with all their channels, and hear of the gap', async () => {
  const { browser, tabs, got } = connectedTabs(2);
  const gaps = [];
  tabs[1].bus.on('gap', ({ channel, reason }) => gaps.push([channel, reason]));
  const lost = outcome(tabs[0].bus.publish('a', 'x'));

  browser.killWorker();
  assert.equal(await lost, 'connection_lost');
  assert.deepEqual(gaps, []);
  browser.socket.accept();
  say(browser, 'again');

  assert.equal(browser.sockets.length, 2);
  assert.deepEqual(browser.socket.commands[0].subscriptions, [{ channel: 'a' }]);
  assert.deepEqual(gaps, [['a', 'worker_lost']]);
  assert.deepEqual(got, [['again'], ['again']]);
});

test('What is published while there is no worker waits for the next one, within limits', async () => {
  const browser = newBrowser();
  const begin = [];
  let events;
  const tab = browser.newTab({ host: (_, given) => { events = given; return { leave: noop, retry: noop }; }, maxQueuedMessages: 2, maxQueuedBytes: 10 });
  const first = tab.bus.publish('a', '12345').then(() => begin.push('first'));

  assert.equal(await outcome(tab.bus.publish('a', 'x', { queue: false })), 'not_connected');
  tab.bus.publish('a', 'y').catch(noop);
  assert.equal(await outcome(tab.bus.publish('a', 'z')), 'queue_full');

  const sent = [];
  let say;
  const port = { post: message => sent.push(message), listen: listener => say = listener, end: noop };
  events.onReady(port, 'page');
  assert.deepEqual(sent.map(({ type }) => type), ['open']);
  say({ type: 'opened' });
  say({ type: 'settled', id: sent[1].id });
  await first;

  assert.deepEqual(sent.slice(1).map(({ payload }) => payload), ['12345', 'y']);
  assert.equal(tab.bus.mode, 'page');
});

test('A log-out ends all tabs of the user, and what waits for an answer', async () => {
  const { browser, tabs } = connectedTabs(3);
  const waiting = outcome(tabs[1].bus.publish('a', 'x'));

  tabs[0].bus.close({ allTabs: true });

  assert.deepEqual(tabs.map(({ bus }) => bus.status.state), ['closed', 'closed', 'closed']);
  assert.equal(browser.socket.closed, true);
  assert.equal(await waiting, 'closed');
});

test('A log-out reaches the other workers of the user, and spares other users', async () => {
  const environments = [];
  const others = () => {
    const end = { addEventListener: (_, listener) => end.listener = listener, postMessage: data => environments.forEach(other => other !== end && other.listener({ data })) };
    environments.push(end);
    return end;
  };
  const [here, there, elsewhere] = ['anna', 'anna', 'ben'].map(user => {
    const browser = newBrowser({ others: others() });
    const { bus } = browser.newTab();
    bus.subscribe('a', noop);
    browser.socket.accept({ user });
    return bus;
  });

  here.close({ allTabs: true });

  assert.equal(there.status.state, 'closed');
  assert.equal(elsewhere.status.state, 'connected');
});

test('Who comes after the end gets a connection of its own', () => {
  const { browser, tabs, got } = connectedTabs(1);
  browser.socket.end(4403);
  assert.equal(tabs[0].bus.status.state, 'closed');

  browser.newTab().bus.subscribe('a', payload => got[0].push(payload));
  browser.socket.accept();
  say(browser, 'x');

  assert.equal(browser.sockets.length, 2);
  assert.deepEqual(got, [['x']]);
});

test('Tabs of different gateways share nothing', () => {
  const browser = newBrowser();
  for (const url of ['https://a.example/bus', 'https://b.example/bus']) {
    browser.newTab({ url }).bus.connect();
  }

  assert.deepEqual(browser.sockets.map(socket => socket.url), ['wss://a.example/bus', 'wss://b.example/bus']);
});

test('JSON channels carry values, and a payload that is not JSON is reported and not delivered', async () => {
  const { browser, tabs } = connectedTabs(1);
  const [got, errors] = [[], []];
  tabs[0].bus.on('error', error => errors.push(error.name));
  const orders = tabs[0].bus.json('orders');
  orders.subscribe((order, channel) => got.push([order, channel]));
  browser.socket.say({ type: 'subscribed', id: 2, channel: 'orders' });

  orders.publish({ total: 1.5 }).catch(noop);
  await settled();
  say(browser, '{"total":1.5}', 'orders');
  say(browser, 'no JSON', 'orders');

  assert.equal(browser.socket.last.payload, '{"total":1.5}');
  assert.deepEqual(got, [[{ total: 1.5 }, 'orders']]);
  assert.deepEqual(errors, ['SyntaxError']);
});

test('A one-off channel is new each time, and a name that the gateway accepts', () => {
  const { bus } = newBrowser().newTab();

  assert.match(bus.oneOff(), /^one-off\/[0-9a-f-]{36}$/);
  assert.notEqual(bus.oneOff(), bus.oneOff());
});
