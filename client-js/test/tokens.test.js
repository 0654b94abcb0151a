import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newBrowser, newBus, settled } from '../test-support/fakes.js';

const noop = () => {};

/** A JSON Web Token of this user, with nothing else in it. */
const tokenOf = (sub, n = 1) => `e30.${Buffer.from(JSON.stringify({ sub, n })).toString('base64url')}.sig`;

/** A token function that counts its calls: token-1, token-2, ... of one user. */
function tokens(user = 'anna') {
  const given = [];
  const token = async () => {
    given.push(tokenOf(user, given.length + 1));
    return given.at(-1);
  };
  return { given, token };
}

/** A bus that got its token and is connected with it. */
async function connectedWithToken(options = {}, fields = {}) {
  const source = tokens();
  const fixture = newBus({ token: source.token, ...options });
  fixture.bus.subscribe('a', noop);
  await settled();
  fixture.socket.accept({ user: 'anna', ...fields });
  return { ...fixture, given: source.given, get socket() { return fixture.sockets.at(-1); } };
}

test('Connect carries the token of the page', async () => {
  const { socket, given } = await connectedWithToken();

  assert.equal(socket.commands[0].token, given[0]);
  assert.equal(socket.url, 'wss://site.example/bus', 'and the address does not');
  assert.equal(given.length, 1);
});

test('A token is used again after a lost connection, as long as it is good', async () => {
  const fixture = await connectedWithToken({}, { expires: 3600 });

  fixture.socket.end();
  fixture.retry();
  await settled();
  fixture.socket.open();

  assert.equal(fixture.socket.commands[0].token, fixture.given[0]);
  assert.equal(fixture.given.length, 1);
});

test('At 80 % of its life the token is exchanged, without a reconnect, and so is the next one', async () => {
  const fixture = await connectedWithToken({}, { expires: 100, pingInterval: 1_000 });

  fixture.clock.advance(79_999);
  await settled();
  assert.equal(fixture.given.length, 1);
  fixture.clock.advance(1);
  await settled();
  assert.deepEqual(fixture.socket.last, { type: 'refresh', id: 2, token: fixture.given[1] });
  fixture.socket.say({ type: 'refreshed', id: 2, expires: 50 });
  fixture.clock.advance(40_000);
  await settled();

  assert.deepEqual(fixture.socket.last, { type: 'refresh', id: 3, token: fixture.given[2] });
  assert.equal(fixture.sockets.length, 1);
});

test('A token that cannot be had in time is asked for again, and the connection stays', async () => {
  let fails = false;
  const source = tokens();
  const fixture = newBus({ token: () => fails ? Promise.reject(new Error('login service is away')) : source.token() });
  const errors = [];
  fixture.bus.on('error', error => errors.push(error.message));
  fixture.bus.subscribe('a', noop);
  await settled();
  fixture.socket.accept({ expires: 100, pingInterval: 1_000 });
  fails = true;
  fixture.clock.advance(80_000);
  await settled();
  assert.deepEqual(errors, ['login service is away']);
  assert.equal(fixture.bus.status.state, 'connected');

  fails = false;
  fixture.clock.advance(10_000);
  await settled();

  assert.deepEqual(fixture.socket.last, { type: 'refresh', id: 2, token: source.given[1] });
});

test('A refresh that the gateway refuses is told, and the token is not used again', async () => {
  const fixture = await connectedWithToken({}, { expires: 100, pingInterval: 1_000 });
  const errors = [];
  fixture.bus.on('error', error => errors.push(error.code));
  fixture.clock.advance(80_000);
  await settled();

  fixture.socket.say({ type: 'error', id: 2, code: 'unauthorized', message: 'No.' });
  fixture.socket.end(4401);
  fixture.retry();
  await settled();
  fixture.socket.open();

  assert.deepEqual(errors, ['unauthorized']);
  assert.equal(fixture.socket.commands[0].token, fixture.given[2]);
});

test('4401 on a connection that worked asks for a new token first', async () => {
  const fixture = await connectedWithToken();

  fixture.socket.end(4401);
  assert.deepEqual([fixture.bus.status.state, fixture.bus.status.reason, fixture.bus.status.closeCode], ['waiting', 'unauthorized', 4401]);
  fixture.retry();
  await settled();
  fixture.socket.open();

  assert.equal(fixture.given.length, 2);
  assert.equal(fixture.socket.commands[0].token, fixture.given[1]);
});

test('4401 for a token that was fetched for this very attempt ends it', async () => {
  const fixture = await connectedWithToken();
  fixture.socket.end(4401);
  fixture.retry();
  await settled();
  fixture.socket.open();

  fixture.socket.end(4401);

  assert.deepEqual(fixture.bus.status, { state: 'closed', reason: 'unauthorized', closeCode: 4401 });
});

test('A page without a token function is closed by 4401', () => {
  const fixture = newBus();
  fixture.bus.subscribe('a', noop);
  fixture.socket.open();

  fixture.socket.end(4401);

  assert.equal(fixture.bus.status.state, 'closed');
});

test('A token function that fails at first is asked again, with back-off, and its error is told', async () => {
  let calls = 0;
  const fixture = newBus({ token: async () => { if (++calls < 3) { throw new Error(`no ${calls}`); } return tokenOf('anna'); } });
  const errors = [];
  fixture.bus.on('error', error => errors.push(error.message));
  fixture.bus.subscribe('a', noop);
  await settled();
  assert.deepEqual([fixture.bus.status.reason, fixture.bus.status.attempt], ['token_failed', 1]);

  fixture.retry();
  await settled();
  assert.equal(fixture.bus.status.attempt, 2);
  fixture.retry();
  await settled();

  assert.deepEqual(errors, ['no 1', 'no 2']);
  assert.equal(fixture.sockets.length, 1);
});

test('A token function that throws at once, or gives no text, is a failure like others', async () => {
  for (const token of [() => { throw new Error('at once'); }, () => undefined]) {
    const fixture = newBus({ token, user: 'anna' });
    fixture.bus.on('error', noop);
    fixture.bus.subscribe('a', noop);
    await settled();

    assert.equal(fixture.bus.status.reason, 'token_failed');
    assert.equal(fixture.sockets.length, 0);
  }
});

test('Tabs with tokens of one user share a connection, those of two users do not', async () => {
  const browser = newBrowser();
  for (const user of ['anna', 'anna', 'ben']) {
    browser.newTab({ token: tokens(user).token }).bus.subscribe('a', noop);
  }
  await settled();

  assert.equal(browser.sockets.length, 2);
});

test('Tokens that do not say whose they are are shared by nobody', async () => {
  const browser = newBrowser();
  for (const token of ['opaque-1', 'opaque-2', 'opaque-1']) {
    browser.newTab({ token: () => token }).bus.subscribe('a', noop);
  }
  await settled();

  assert.equal(browser.sockets.length, 2);
});

test('The application can tell its users apart itself', async () => {
  const browser = newBrowser();
  let opaque = 0;
  for (const user of ['anna', 'anna', 'ben']) {
    browser.newTab({ user, token: () => `opaque-${++opaque}` }).bus.subscribe('a', noop);
  }
  await settled();

  assert.equal(browser.sockets.length, 2);
});

test('A new token of somebody else ends the connection, for it is not theirs', async () => {
  let user = 'anna';
  const fixture = newBus({ token: async () => tokenOf(user) });
  fixture.bus.subscribe('a', noop);
  await settled();
  fixture.socket.accept();

  user = 'ben';
  fixture.socket.end(4401);
  fixture.retry();
  await settled();

  assert.deepEqual([fixture.bus.status.state, fixture.bus.status.reason], ['closed', 'user_changed']);
  assert.equal(fixture.sockets.length, 1);
});

test('A gateway that knows another user than before ends the connection, and none of its messages is delivered', () => {
  const fixture = newBus();
  const got = [];
  fixture.bus.subscribe('a', payload => got.push(payload));
  fixture.socket.accept({ user: 'anna' });
  fixture.socket.end();
  fixture.retry();
  fixture.socket.open();

  fixture.socket.say({ type: 'connected', id: 1, user: 'ben' });
  fixture.socket.say({ type: 'subscribed', channel: 'a' });
  fixture.socket.say({ type: 'message', channel: 'a', payload: 'for ben' });

  assert.deepEqual(got, []);
  assert.deepEqual([fixture.bus.status.state, fixture.bus.status.reason], ['closed', 'user_changed']);
});

test('When one tab sleeps, another one gives the token', async () => {
  const browser = newBrowser();
  const asked = [];
  const open = name => browser.newTab({ user: 'anna', token: () => { asked.push(name); return name === 'asleep' ? new Promise(noop) : tokenOf('anna'); } });
  const awake = open('awake');
  awake.bus.subscribe('a', noop);
  await settled();
  browser.socket.accept();
  open('asleep').bus.subscribe('a', noop);

  browser.socket.end(4401);
  browser.clock.advance(500);
  await settled();
  browser.clock.advance(10_000);
  await settled();

  assert.deepEqual(asked, ['awake', 'asleep', 'awake']);
  assert.equal(browser.sockets.length, 2);
});

test('The page cannot read the token back', async () => {
  const { bus, given } = await connectedWithToken();

  const seen = JSON.stringify([bus, bus.status, Object.values(bus), Object.getOwnPropertyNames(bus).map(name => bus[name])]);

  assert.equal(seen.includes(given[0]), false);
});

test('Where a cookie alone says who it is, a tab that comes later gets a connection of its own', () => {
  const browser = newBrowser();
  const [annas, next] = [[], []];
  browser.newTab().bus.subscribe('a', payload => annas.push(payload));
  browser.socket.accept({ user: 'anna' });
  const tab = browser.newTab();
  tab.bus.subscribe('a', payload => next.push(payload));
  browser.socket.accept({ user: 'ben' });

  browser.sockets[0].say({ type: 'message', channel: 'a', payload: 'for anna' });
  browser.sockets[1].say({ type: 'message', channel: 'a', payload: 'for ben' });

  assert.deepEqual([annas, next, tab.bus.user], [['for anna'], ['for ben'], 'ben']);
});

test('Tabs of a site with cookies share a connection when the page says whose it is', () => {
  const browser = newBrowser();
  browser.newTab({ user: 'anna' }).bus.subscribe('a', noop);
  browser.socket.accept({ user: 'anna' });

  browser.newTab({ user: 'anna' }).bus.subscribe('a', noop);
  browser.newTab({ user: 'ben' }).bus.subscribe('a', noop);

  assert.equal(browser.sockets.length, 2);
});

test('A log-out ends also the tabs that share no connection', () => {
  const browser = newBrowser();
  const tabs = [browser.newTab(), browser.newTab()];
  for (const { bus } of tabs) {
    bus.subscribe('a', noop);
    browser.socket.accept({ user: 'anna' });
  }

  tabs[0].bus.close({ allTabs: true });

  assert.deepEqual([browser.sockets.length, tabs[1].bus.status.state], [2, 'closed']);
});
