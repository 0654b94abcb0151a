// Subscribes through a gateway with a token and ends with the first message: node --experimental-websocket subscriber.mjs wss://localhost/bus demo/ticks < token
import { readFileSync } from 'node:fs';

const [url, channel] = process.argv.slice(2);
const socket = new WebSocket(url, 'messagebus.v1.json');
const fail = reason => {
  console.error(reason);
  process.exit(1);
};
setTimeout(() => fail('Nothing arrived within 20 s.'), 20_000);
socket.onopen = () => socket.send(JSON.stringify({ type: 'connect', token: readFileSync(0, 'utf8').trim(), subscriptions: [{ channel }] }));
socket.onclose = ({ code, reason }) => fail(`Closed: ${code} ${reason}`);
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  if (message.type === 'error') {
    fail(data);
  }
  if (message.type === 'message') {
    console.log(`${message.channel}: ${message.payload}`);
    process.exit(0);
  }
};
