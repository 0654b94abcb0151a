import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../test-support/dom.js';
import { createFakeBus } from '../testing/testing.js';

const vue = await import('vue');
const svelteStore = await import('svelte/store');
await import('@angular/compiler');
const angular = await import('@angular/core');
const { createApplication } = await import('@angular/platform-browser');
const forVue = await import('../vue.js');
const { channelStore, statusStore } = await import('../svelte.js');
const forAngular = await import('../angular.js');

test('Vue: a component hears its channel while it is mounted, and shows its state', async () => {
  const bus = createFakeBus();
  const channel = vue.ref(undefined);
  const got = [];
  const app = vue.createApp({
    setup() {
      const state = forVue.useMessageBus(channel, payload => got.push(payload));
      const status = forVue.useBusStatus();
      return () => vue.h('p', `${state.value} ${status.value.state}`);
    },
  });
  app.provide(forVue.BUS, bus);
  const element = document.createElement('div');
  app.mount(element);
  assert.equal(element.textContent, 'subscribing idle');

  channel.value = 'a';
  await vue.nextTick();
  bus.deliver('a', 'x');
  await vue.nextTick();
  assert.equal(element.textContent, 'subscribed connected');
  channel.value = 'b';
  await vue.nextTick();
  bus.deliver('a', 'left');
  bus.deliver('b', 'y');
  app.unmount();

  assert.deepEqual(got, ['x', 'y']);
  assert.equal(bus.deliver('b', 'z'), false);
});

test('Vue: a bus in reactive state is a bus', async () => {
  const state = vue.reactive({ bus: createFakeBus() });
  const got = [];

  state.bus.subscribe('a', payload => got.push(payload));
  await state.bus.publish('a', 'x');

  assert.deepEqual(got, ['x']);
});

test('Vue: what is rendered on a server subscribes to nothing', async () => {
  const { renderToString } = await import('vue/server-renderer');
  const bus = createFakeBus();
  const app = vue.createSSRApp({ setup: () => { const state = forVue.useMessageBus('a', () => {}); return () => vue.h('p', state.value); } });
  app.provide(forVue.BUS, bus);

  assert.equal(await renderToString(app), '<p>subscribing</p>');
  assert.equal(bus.deliver('a', 'x'), false);
});

test('Svelte: stores of a channel and of the status', async () => {
  const bus = createFakeBus();
  const channel = channelStore(bus, 'a');
  const values = [];
  const latest = svelteStore.derived([channel, statusStore(bus)], ([{ state, message }, status]) => `${state} ${message?.payload} ${status.state}`);
  const leave = latest.subscribe(value => values.push(value));

  bus.deliver('a', 'x');
  bus.drop();
  leave();

  assert.deepEqual([values[0], values.at(-1)], ['subscribing undefined idle', 'subscribing x waiting']);
  assert.ok(values.includes('subscribed x connected'));
  bus.reconnect();
  assert.equal(bus.deliver('a', 'y'), false);
  assert.deepEqual(svelteStore.get(channelStore(bus, undefined)), { state: 'subscribing' });
});

test('Angular: a service with signals', async () => {
  const bus = createFakeBus();
  const app = await createApplication({ providers: [angular.provideZonelessChangeDetection(), { provide: forAngular.BUS, useValue: bus }] });
  const name = angular.signal(undefined);
  const scope = angular.createEnvironmentInjector([], app.injector);
  const service = app.injector.get(forAngular.MessageBusService);
  const got = [];
  const channel = angular.runInInjectionContext(scope, () => service.channel(name, { onMessage: payload => got.push(payload) }));
  app.tick();
  assert.deepEqual([channel.state(), service.status().state], ['subscribing', 'idle']);

  name.set('a');
  app.tick();
  bus.deliver('a', 'x');
  assert.deepEqual([channel.state(), channel.message().payload, service.status().state], ['subscribed', 'x', 'connected']);
  name.set('b');
  app.tick();
  bus.deliver('a', 'left');
  bus.deliver('b', 'y');
  scope.destroy();

  assert.deepEqual(got, ['x', 'y']);
  assert.equal(bus.deliver('b', 'z'), false);
  assert.equal(service.bus, bus);
  app.destroy();
});
