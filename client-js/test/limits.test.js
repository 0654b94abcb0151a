import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newBrowser, newBus, outcome, settled } from '../test-support/fakes.js';

const limits = { commands: 200, commandBurst: 400, publishes: 100, subscribes: 10, subscriptions: 128 };
const published = socket => socket.commands.filter(({ type }) => type === 'publish');

function limitedTabs(count, fields = { limits }) {
  const browser = newBrowser();
  const tabs = Array.from({ length: count }, () => browser.newTab());
  tabs.forEach(({ bus }) => bus.connect());
  browser.socket.accept(fields);
  return { browser, tabs };
}

test('A page that publishes too fast is refused here, and told when it may, before the gateway closes the connection', async () => {
  const { browser, tabs: [{ bus }] } = limitedTabs(1);

  const outcomes = Array.from({ length: 350 }, () => bus.publish('cursor', '1', { queue: false }).catch(error => error));
  browser.clock.advance(0);
  const refused = (await Promise.race([Promise.all(outcomes.slice(150)), settled()]));

  assert.ok(published(browser.socket).length <= 100);
  assert.deepEqual(refused.map(({ code }) => code).filter(code => code !== 'rate_limited'), []);
  assert.ok(refused[0].retryAfter > 0 && refused[0].retryAfter < 100);
  assert.equal(refused[0].channel, 'cursor');
});

test('In every second less is sent than the gateway allows, however much is published', () => {
  const { browser, tabs: [{ bus }] } = limitedTabs(1);

  for (let ms = 0; ms < 10_000; ms += 20) {
    for (let n = 0; n < 7; n++) {
      bus.publish('cursor', '1', { queue: false }).catch(() => {});
    }
    browser.clock.advance(20);
  }

  const sent = published(browser.socket).length;
  assert.ok(sent > 900 && sent <= 1_100, `${sent} in 10 s`);
});

test('What may wait is sent in order, as fast as the gateway takes it', () => {
  const { browser, tabs: [{ bus }] } = limitedTabs(1);

  for (let n = 0; n < 300; n++) {
    bus.publish('a', `${n}`);
  }
  browser.clock.advance(3_000);

  assert.deepEqual(published(browser.socket).map(({ payload }) => payload), Array.from({ length: 300 }, (_, n) => `${n}`));
});

test('A tab that publishes too much does not hold up the others', () => {
  const { browser, tabs: [flood, calm] } = limitedTabs(2);
  for (let n = 0; n < 800; n++) {
    flood.bus.publish('a', 'flood').catch(() => {});
  }

  calm.bus.publish('a', 'calm');
  browser.clock.advance(50);

  assert.ok(published(browser.socket).some(({ payload }) => payload === 'calm'));
});

test('More than may wait is refused with rate_limited while there is a connection', async () => {
  const { tabs: [{ bus }] } = limitedTabs(1);
  const outcomes = Array.from({ length: 1_200 }, () => outcome(bus.publish('a', 'x')));

  assert.equal(await outcomes.at(-1), 'rate_limited');
});

test('Subscriptions beyond the rate wait for their turn', () => {
  const { browser, tabs: [{ bus }] } = limitedTabs(1);
  for (let n = 0; n < 120; n++) {
    bus.subscribe(`a/${n}`, () => {});
  }
  const subscribes = () => browser.socket.commands.filter(({ type }) => type === 'subscribe').length;
  const atOnce = subscribes();

  browser.clock.advance(1_000);

  assert.ok(atOnce < 120);
  assert.equal(subscribes(), 120);
});

test('A gateway that says nothing of limits is sent all at once', () => {
  const { browser, tabs: [{ bus }] } = limitedTabs(1, {});

  for (let n = 0; n < 1_000; n++) {
    bus.publish('a', 'x').catch(() => {});
  }

  assert.equal(published(browser.socket).length, 1_000);
});

test('A connection that was closed for sending too much (4429) comes back after a pause, with all channels', () => {
  const { bus, sockets, clock } = newBus();
  bus.subscribe('a', () => {});
  sockets[0].accept();

  sockets[0].end(4429);
  assert.deepEqual([bus.status.state, bus.status.reason, bus.status.closeCode], ['waiting', 'rate_limited', 4429]);
  clock.advance(9_999);
  assert.equal(sockets.length, 1);
  clock.advance(501);

  assert.equal(sockets.length, 2);
  sockets[1].accept();
  assert.equal(bus.status.state, 'connected');
});

test('A publish that is aborted rejects with the reason, and is not sent when there is a connection', async () => {
  const { bus, sockets } = newBus();
  bus.connect();
  const controller = new AbortController();
  const waiting = bus.publish('a', 'x', { signal: controller.signal });
  const kept = bus.publish('a', 'y');

  controller.abort(new Error('left'));
  await assert.rejects(waiting, { message: 'left' });
  sockets[0].accept();

  assert.deepEqual(published(sockets[0]).map(({ payload }) => payload), ['y']);
  await assert.rejects(bus.publish('a', 'z', { signal: controller.signal }), { message: 'left' });
  sockets[0].say({ type: 'published', id: 2 });
  await kept;
});
