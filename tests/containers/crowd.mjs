// Listens with many clients, the real one of client-js, to a channel whose publisher counts: node --experimental-websocket crowd.mjs wss://localhost/bus demo/count 60 < token
// Prints "Listening" once all are connected, and at SIGTERM what they have seen. The exit code is 0 only where each had every number, in order, or was told that some may be missing.
import { readFileSync } from 'node:fs';
import { MessageBus } from '../../client-js/client.js';
import { Hubs } from '../../client-js/hubs.js';

const [url, channel, size] = process.argv.slice(2);
const token = readFileSync(0, 'utf8').trim();
const environment = { WebSocket, clock: { now: Date.now, setTimeout, clearTimeout }, random: Math.random };

/** A connection of its own for each client, as of browsers that know nothing of each other. */
function host(_, { onReady }) {
  const { port1: page, port2: worker } = new MessageChannel();
  page.onmessage = () => onReady(page, 'page');
  new Hubs(environment).accept(worker);
  return () => page.close();
}

class Client {
  last = 0;
  received = 0;
  gaps = 0;
  reconnects = 0;
  longestAway = 0;
  faults = [];
  isLive = false;
  #wasTold = false;
  #leftAt = 0;

  constructor() {
    this.bus = new MessageBus({ url, token: () => token, mode: 'page', host });
    this.bus.on('status', ({ state }) => this.#changed(state));
    this.bus.on('gap', () => {
      this.gaps++;
      this.#wasTold = true;
    });
    this.bus.on('error', error => this.faults.push(String(error)));
    this.bus.subscribe(channel, payload => this.#take(Number(payload)), {
      onSubscribed: () => this.isLive = true,
      onError: error => this.faults.push(`${error.code}: ${error.message}`),
    });
  }

  #changed(state) {
    if (state === 'connected' && this.#leftAt) {
      this.reconnects++;
      this.longestAway = Math.max(this.longestAway, Date.now() - this.#leftAt);
      this.#leftAt = 0;
    } else if (state !== 'connected' && this.isLive) {
      this.#leftAt ||= Date.now();
    }
  }

  #take(number) {
    this.received++;
    if (this.last && number !== this.last + 1 && !(number > this.last && this.#wasTold)) {
      this.faults.push(`${number} after ${this.last}, and nothing was said`);
    }
    this.last = number;
    this.#wasTold = false;
  }
}

const clients = Array.from({ length: Number(size) }, () => new Client());
const waiting = setInterval(() => {
  if (clients.every(client => client.isLive)) {
    clearInterval(waiting);
    console.log('Listening');
  }
}, 50);

process.on('SIGTERM', () => {
  const newest = Math.max(...clients.map(client => client.last));
  const away = clients.filter(client => client.bus.status.state !== 'connected' || newest - client.last > 20).length;
  const faults = clients.flatMap(client => client.faults);
  const sum = field => clients.reduce((total, client) => total + client[field], 0);
  console.log(`${sum('received')} messages to ${clients.length} clients, ${sum('reconnects')} reconnects, ${sum('gaps')} gaps told, `
    + `away for ${Math.max(...clients.map(client => client.longestAway))} ms at most, ${away} away now, ${faults.length} faults`);
  faults.slice(0, 10).forEach(fault => console.log(fault));
  process.exit(faults.length || away || !newest ? 1 : 0);
});
