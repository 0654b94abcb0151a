import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';

const folder = fileURLToPath(new URL('..', import.meta.url));

/** Runs a module in a process of its own; resolves with its exit code and what it printed. */
const run = (script, ...args) => new Promise(resolve => {
  const node = spawn(process.execPath, ['--input-type=module', '--eval', script, ...args], { cwd: folder });
  let output = '';
  node.stdout.on('data', data => output += data);
  node.stderr.on('data', data => output += data);
  node.on('close', code => resolve({ code, output }));
});

/** A gateway that knows connect, subscribe and publish. */
async function startGateway(t) {
  const server = createServer((_request, response) => response.end());
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', socket => socket.on('message', data => {
    const say = message => socket.send(JSON.stringify(message));
    const { type, id, channel, payload, subscriptions = [] } = JSON.parse(data);
    if (type === 'connect') {
      say({ type: 'connected', id, connection: 'c-1', user: '42' });
      subscriptions.forEach(({ channel: wanted }) => say({ type: 'subscribed', channel: wanted }));
    } else if (type === 'subscribe') {
      say({ type: 'subscribed', id, channel });
    } else if (type === 'publish') {
      say({ type: 'published', id });
      say({ type: 'message', channel, payload });
    }
  }));
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    sockets.clients.forEach(socket => socket.terminate());
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}/bus`, clients: () => sockets.clients.size };
}

test('A module that subscribes while a page is rendered on a server neither connects nor ends the server', async t => {
  const { url, clients } = await startGateway(t);

  const { code, output } = await run(`
    import { MessageBus } from './client.js';
    const bus = new MessageBus({ url: '${url}' });
    new MessageBus().subscribe('orders/42', () => {});
    bus.subscribe('orders/42', () => {});
    bus.on('status', () => {});
    await new Promise(done => setTimeout(done, 500));
    console.log(bus.status.state, 'rendered');`);

  assert.deepEqual([code, output], [0, 'idle rendered\n']);
  assert.equal(clients(), 0);
});

const conversation = `
  bus.on('error', error => console.log('error', error.code));
  const heard = new Promise(done => bus.subscribe('a', done, { onSubscribed: () => bus.publish('a', 'hello') }));
  bus.connect();
  console.log(await heard, bus.user, bus.mode);
  bus.close();`;

for (const [how, script] of [
  ['connect()', "import { MessageBus } from './client.js'; const bus = new MessageBus({ url });"],
  ['the WebSocket that it is given', "import { MessageBus } from './client.js'; import { WebSocket } from 'ws'; const bus = new MessageBus({ url, WebSocket });"],
  ['the standalone entry', "import { MessageBus } from './standalone.js'; const bus = new MessageBus({ url });"],
]) {
  test(`A server is a client by ${how}, and its process ends once the bus is closed`, async t => {
    const { url } = await startGateway(t);

    const { code, output } = await run(`const url = '${url}'; ${script} ${conversation}`);

    assert.deepEqual([code, output], [0, 'hello 42 page\n']);
  });
}

test('A server without a gateway goes on, and its client says why it waits', async () => {
  const { code, output } = await run(`
    import { MessageBus } from './client.js';
    const bus = new MessageBus({ url: 'http://127.0.0.1:1/bus' });
    bus.publish('a', 'x', { queue: false });
    bus.on('error', error => console.log('error', error.code));
    await new Promise(done => bus.on('status', ({ state, reason }) => state === 'waiting' && done(console.log(state, reason))));
    bus.close();`);

  assert.equal(code, 0);
  assert.match(output, /waiting connection_lost/);
  assert.match(output, /error not_connected/);
});

test('Without any WebSocket the bus waits, and tells the reason once', async () => {
  const { code, output } = await run(`
    import { MessageBus } from './client.js';
    process.getBuiltinModule = undefined;
    delete globalThis.WebSocket;
    const bus = new MessageBus({ url: 'http://127.0.0.1:1/bus' });
    let errors = 0;
    bus.on('error', error => { errors++; console.log(error.code, /WebSocket/.test(error.message)); });
    bus.connect();
    await new Promise(done => setTimeout(done, 2_000));
    console.log(bus.status.state, bus.status.reason, errors);
    bus.close();`);

  assert.deepEqual([code, output], [0, 'worker_failed true\nwaiting worker_failed 1\n']);
});
