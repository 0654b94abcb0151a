import assert from 'node:assert/strict';
import { test } from 'node:test';
import { act, createElement, hydrate, render } from '../test-support/dom.js';
import { StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { BusContext, useBus, useBusStatus, useMessageBus } from '../react.js';
import { createFakeBus } from '../testing/testing.js';

const noop = () => {};
const below = (bus, ...children) => createElement(BusContext.Provider, { value: bus }, ...children);

/** A fake bus that counts what the components do with it. */
function countingBus() {
  const bus = createFakeBus();
  const counts = { subscribed: 0, left: 0 };
  const subscribe = bus.subscribe.bind(bus);
  bus.subscribe = (...args) => {
    counts.subscribed++;
    const leave = subscribe(...args);
    return () => {
      counts.left++;
      leave();
    };
  };
  return { bus, counts };
}

function Arrivals({ channel, onArrival, ...options }) {
  useMessageBus(channel, onArrival, options);
  return null;
}

test('A component hears its channel while it is mounted', async () => {
  const { bus, counts } = countingBus();
  const got = [];
  const page = await render(() => below(bus, createElement(Arrivals, { channel: 'visitor-arrival', onArrival: (payload, channel) => got.push([payload, channel]) })));

  bus.deliver('visitor-arrival', 'Ada');
  await page.end();
  const reached = bus.deliver('visitor-arrival', 'Bob');

  assert.deepEqual(got, [['Ada', 'visitor-arrival']]);
  assert.equal(reached, false);
  assert.deepEqual(counts, { subscribed: 1, left: 1 });
});

test('The latest callbacks are called, without another subscription', async () => {
  const { bus, counts } = countingBus();
  const got = [];
  let round = 1;
  const page = await render(() => {
    const now = round;
    return below(bus, createElement(Arrivals, { channel: 'a', onArrival: payload => got.push(`${now}: ${payload}`), onGap: reason => got.push(`${now}: ${reason}`) }));
  });

  bus.deliver('a', 'x');
  round = 2;
  await page.again();
  bus.deliver('a', 'x');
  bus.gap('a', 'broker_reconnected');

  assert.deepEqual(got, ['1: x', '2: x', '2: broker_reconnected']);
  assert.deepEqual(counts, { subscribed: 1, left: 0 });
  await page.end();
});

test('Another channel takes the place of the one before, and null is none', async () => {
  const { bus, counts } = countingBus();
  const got = [];
  let channel = 'a';
  const page = await render(() => below(bus, createElement(Arrivals, { channel, onArrival: payload => got.push(payload) })));

  channel = 'b';
  await page.again();
  const onB = [bus.deliver('a', '1'), bus.deliver('b', '2')];
  channel = null;
  await page.again();
  const onNone = bus.deliver('b', '3');

  assert.deepEqual(onB, [false, true]);
  assert.equal(onNone, false);
  assert.deepEqual(got, ['2']);
  assert.deepEqual(counts, { subscribed: 2, left: 2 });
  await page.end();
});

for (const channel of [undefined, '', false, null]) {
  test(`A channel that is not there yet (${JSON.stringify(channel)}) is none`, async () => {
    const { bus, counts } = countingBus();
    const page = await render(() => below(bus, createElement(Arrivals, { channel, onArrival: noop })));

    await page.end();

    assert.deepEqual(counts, { subscribed: 0, left: 0 });
  });
}

test('A component knows whether its messages flow, and a refusal that it does not listen to is told to the page', async () => {
  const bus = createFakeBus();
  const errors = [];
  bus.on('error', ({ code, channel }) => errors.push([code, channel]));
  const View = () => useMessageBus('a', noop);
  const page = await render(() => below(bus, createElement(View)));
  await act(async () => {});
  assert.equal(page.text, 'subscribed');

  await act(async () => bus.drop());
  assert.equal(page.text, 'subscribing');
  await act(async () => bus.reconnect());
  await act(async () => bus.refuse('a'));

  assert.equal(page.text, 'failed');
  assert.deepEqual(errors, [['forbidden', 'a']]);
  await page.end();
});

test('StrictMode, which mounts twice, leaves one subscription', async () => {
  const { bus, counts } = countingBus();
  const got = [];
  const page = await render(() => createElement(StrictMode, null, below(bus, createElement(Arrivals, { channel: 'a', onArrival: payload => got.push(payload) }))));

  bus.deliver('a', 'once');
  await page.end();

  assert.deepEqual(got, ['once']);
  assert.deepEqual(counts, { subscribed: 2, left: 2 });
});

test('A component is told that it is subscribed, and that its subscription has ended', async () => {
  const { bus } = countingBus();
  const told = [];
  const page = await render(() => below(bus, createElement(Arrivals, {
    channel: 'a', onArrival: noop, onSubscribed: channel => told.push(channel), onError: ({ code }, channel) => told.push(`${channel}: ${code}`),
  })));

  bus.refuse('a');

  assert.deepEqual(told, ['a', 'a: forbidden']);
  await page.end();
});

test('Another bus takes over the subscriptions', async () => {
  const [first, second] = [createFakeBus(), createFakeBus()];
  const got = [];
  let bus = first;
  const page = await render(() => below(bus, createElement(Arrivals, { channel: 'a', onArrival: payload => got.push(payload) })));

  bus = second;
  await page.again();
  const reached = [first.deliver('a', 'old'), second.deliver('a', 'new')];

  assert.deepEqual(reached, [false, true]);
  assert.deepEqual(got, ['new']);
  await page.end();
});

function State() {
  return useBusStatus().state;
}

test('A component shows the state of the connection, and does not make one for that', async () => {
  const bus = createFakeBus();
  const page = await render(() => below(bus, createElement(State)));
  const shown = [page.text];

  await act(async () => bus.connect());
  shown.push(page.text);
  await act(async () => bus.drop());
  shown.push(page.text);
  await page.end();
  bus.reconnect();

  assert.deepEqual(shown, ['idle', 'connected', 'waiting']);
});

test('Without a provider all components share one bus', async () => {
  const seen = new Set();
  const Seer = () => void seen.add(useBus());

  const page = await render(() => [createElement(Seer, { key: 1 }), createElement(Seer, { key: 2 })]);

  assert.equal(seen.size, 1);
  assert.equal([...seen][0].status.state, 'idle');
  await page.end();
});

test('A server renders it without a connection, and the page takes that over', async () => {
  const bus = createFakeBus();
  const view = below(bus, createElement(Arrivals, { channel: 'a', onArrival: noop }), createElement(State));

  const html = renderToString(view);
  const before = bus.status.state;
  // Something else on the page has connected before React takes over.
  bus.connect();
  bus.reconnect();
  const page = await hydrate(html, view);

  assert.equal(html, 'idle');
  assert.equal(before, 'idle');
  assert.deepEqual(page.complaints, []);
  assert.equal(page.text, 'connected');
  await page.end();
});

test('A server needs no provider', () => {
  const html = renderToString(createElement(State));

  assert.equal(html, 'idle');
});
