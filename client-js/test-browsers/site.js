// A gateway, and in front of it the site whose pages use it: one origin, whose ways can be cut.
import { spawn } from 'node:child_process';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../src/MessageBus.Gateway/bin/Debug/net10.0/MessageBus.Gateway.dll', import.meta.url));

const html = body => ['text/html', `<!doctype html><meta charset="utf-8"><title>A page</title>${body}`];
const script = body => ['text/javascript', body];

/** What the site serves beside the gateway's files. */
const FILES = {
  '/page': html(`<script type="module">
    import { MessageBus } from '/bus/client.js';
    window.heard = [];
    window.gaps = [];
    window.errors = [];
    window.begin = (options = {}) => {
      window.bus = new MessageBus(options);
      bus.on('gap', ({ channel, reason }) => gaps.push(channel + ' ' + reason));
      bus.on('error', error => errors.push(error.code));
    };
    window.isLoaded = true;
  </script>`),
  '/srcdoc': html(`<iframe srcdoc="<script type=module>
    import { MessageBus } from '/bus/client.js';
    const bus = new MessageBus();
    bus.subscribe('srcdoc', payload => parent.frameHeard = payload, { onSubscribed: () => bus.publish('srcdoc', 'hello') });
    bus.on('error', error => parent.frameError = String(error));
  </script>"></iframe>`),
  '/own-worker.js': script(`
    import { MessageBus } from '/bus/client.js';
    const bus = new MessageBus();
    bus.subscribe('own', payload => postMessage(payload + ' ' + bus.mode), { onSubscribed: () => bus.publish('own', 'hello') });`),
  '/service-worker.js': script(`
    import { MessageBus } from '/bus/standalone.js';
    addEventListener('message', ({ source }) => {
      const bus = new MessageBus();
      bus.subscribe('service', payload => source.postMessage(payload + ' ' + bus.mode), { onSubscribed: () => bus.publish('service', 'hello') });
    });`),
};

export async function startSite() {
  const gateway = spawn('dotnet', [program, '--urls', 'http://127.0.0.1:0'], { cwd: fileURLToPath(new URL('.', `file://${program}`)), env: { ...process.env, ASPNETCORE_ENVIRONMENT: '', DOTNET_ENVIRONMENT: 'Development' } });
  const said = await new Promise((resolve, reject) => {
    let output = '';
    gateway.stdout.on('data', data => {
      output += data;
      const found = /Open http:\/\/[^:]+:(\d+)\S* and then run: redis-cli -p (\d+)/.exec(output);
      if (found) {
        resolve(found);
      }
    });
    gateway.on('close', () => reject(new Error(`The gateway ended: ${output}`)));
  });
  const [port, redis] = [Number(said[1]), Number(said[2])];

  const site = { redis, isDown: false, isDead: false, requests: 0, dials: 0, address: '' };
  const ways = new Set();
  const server = createServer((asked, answer) => {
    site.requests++;
    const file = FILES[asked.url];
    if (file) {
      answer.writeHead(200, { 'Content-Type': file[0] }).end(file[1]);
    } else if (site.isDown) {
      answer.writeHead(502).end();
    } else {
      const passed = request({ host: '127.0.0.1', port, path: asked.url, method: asked.method, headers: asked.headers }, got => {
        answer.writeHead(got.statusCode, got.headers);
        got.pipe(answer);
      });
      passed.on('error', () => answer.destroy());
      asked.pipe(passed);
    }
  });
  server.on('upgrade', (asked, socket) => {
    site.dials++;
    if (site.isDown) {
      return socket.destroy();
    }
    const up = connect(port, '127.0.0.1');
    up.write(`${asked.method} ${asked.url} HTTP/1.1\r\n${asked.rawHeaders.map((part, index) => part + (index % 2 ? '\r\n' : ': ')).join('')}\r\n`);
    const way = { cut: () => [socket, up].forEach(end => end.destroy()) };
    ways.add(way);
    for (const [from, to] of [[socket, up], [up, socket]]) {
      from.on('data', data => site.isDead || to.write(data));
      from.on('error', () => {});
      from.on('close', () => {
        ways.delete(way);
        to.destroy();
      });
    }
  });
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  site.address = `http://127.0.0.1:${server.address().port}`;
  site.cut = () => ways.forEach(way => way.cut());
  site.end = () => {
    site.cut();
    server.closeAllConnections();
    server.close();
    gateway.kill('SIGKILL');
  };
  return site;
}
