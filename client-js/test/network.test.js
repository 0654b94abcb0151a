import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectedBus, newBrowser, outcome, settled } from '../test-support/fakes.js';

const noop = () => {};

/** A tab that is connected, with what its window tells the worker. */
function connectedTab() {
  const browser = newBrowser();
  const tab = browser.newTab();
  tab.bus.subscribe('a', noop);
  browser.socket.accept();
  return { browser, bus: tab.bus, tell: type => tab.page.post({ type }) };
}

test('Offline closes the socket and says so', () => {
  const { browser, bus, tell } = connectedTab();

  tell('offline');

  assert.equal(browser.socket.closed, true);
  assert.deepEqual(bus.status, { state: 'offline', reason: 'offline', retryAt: browser.clock.now() + 30_000 });
});

test('Online connects at once, with all channels', () => {
  const { browser, bus, tell } = connectedTab();
  tell('offline');

  tell('online');

  assert.equal(bus.status.state, 'connecting');
  browser.socket.open();
  assert.deepEqual(browser.socket.commands[0].subscriptions, [{ channel: 'a' }]);
});

test('A browser that is wrong about being offline is not believed for more than 30 s', () => {
  const { browser, tell } = connectedTab();
  tell('offline');

  browser.clock.advance(29_999);
  tell('wake');
  assert.equal(browser.sockets.length, 1);
  browser.clock.advance(1);

  assert.equal(browser.sockets.length, 2);
});

test('Offline twice is offline once, and nothing after the end', () => {
  const { browser, bus, tell } = connectedTab();
  tell('offline');
  const { retryAt } = bus.status;
  browser.clock.advance(10);
  tell('offline');
  assert.equal(bus.status.retryAt, retryAt);

  bus.close();
  tell('offline');
  tell('online');
  assert.equal(bus.status.state, 'closed');
  assert.equal(browser.clock.timers, 0);
});

for (const type of ['online', 'wake']) {
  test(`A page that wakes (${type}) does not wait for the next attempt`, () => {
    const { browser, bus, tell } = connectedTab();
    browser.socket.end();
    assert.equal(bus.status.state, 'waiting');

    tell(type);

    assert.equal(browser.sockets.length, 2);
    assert.equal(bus.status.state, 'connecting');
  });

  test(`A page that wakes (${type}) with a socket that is silent for too long reconnects at once`, () => {
    const { browser, tell } = connectedTab();
    browser.clock.sleep(60_000);

    tell(type);

    assert.equal(browser.sockets[0].closed, true);
    assert.equal(browser.sockets.length, 2);
  });

  test(`A page that wakes (${type}) with a socket that was just heard keeps it`, () => {
    const { browser, bus, tell } = connectedTab();

    tell(type);

    assert.equal(browser.sockets.length, 1);
    assert.equal(bus.status.state, 'connected');
  });
}

for (const type of ['online', 'wake']) {
  test(`A connection that died without a word is noticed 3 s after the browser tells of something (${type})`, async () => {
    const { browser, bus, tell } = connectedTab();
    const publish = outcome(bus.publish('orders/42', 'x'));
    browser.clock.advance(2_000);

    tell(type);
    tell(type);
    assert.deepEqual(browser.socket.commands.filter(command => command.type === 'ping'), [{ type: 'ping', id: 3 }]);
    browser.clock.advance(3_000);

    assert.equal(bus.status.reason, 'silence');
    assert.equal(await publish, 'connection_lost');
  });

  test(`A connection that answers stays (${type}), also one whose gateway does not know the question`, () => {
    for (const answer of [{ type: 'pong', id: 2 }, { type: 'error', id: 2, code: 'unknown_type' }]) {
      const { browser, bus, tell } = connectedTab();
      const errors = [];
      bus.on('error', error => errors.push(error));
      for (let n = 0; n < 3; n++) {
        tell(type);
        browser.socket.say({ ...answer, id: browser.socket.last.id });
        browser.clock.advance(2_000);
      }
      browser.clock.advance(3_000);

      assert.equal(bus.status.state, 'connected');
      assert.equal(browser.sockets.length, 1);
      assert.deepEqual(errors, []);
    }
  });
}

test('An attempt that began on the network before is given up for the next one', () => {
  const { browser, tell } = connectedTab();
  browser.socket.end();
  tell('wake');
  assert.equal(browser.sockets.length, 2);
  browser.clock.advance(6_000);

  tell('online');

  assert.equal(browser.sockets.length, 3);
});

test('Sleep is noticed within 5 s even where no page tells of it', () => {
  const { browser, bus } = connectedTab();
  browser.clock.sleep(3_600_000);

  browser.clock.advance(5_000);

  assert.equal(bus.status.reason, 'silence');
});

test('A publish that must not wait fails at once without a connection, and is sent with one', async () => {
  const fixture = connectedBus();
  fixture.bus.publish('orders/42', 'now', { queue: false }).catch(noop);
  await settled();
  assert.equal(fixture.socket.last.payload, 'now');

  fixture.socket.end();

  assert.equal(await outcome(fixture.bus.publish('orders/42', 'x', { queue: false })), 'not_connected');
});
