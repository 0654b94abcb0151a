// Publishes and subscribes as a backend service in Node does. Usage: node pubsub.mjs PORT RESP CHANNEL
// Writes one line of JSON per event to standard output and ends after the payload "stop".
import { createClient } from 'redis';

const [port, resp, channel] = process.argv.slice(2);

/** @param {Record<string, unknown>} event */
function report(event) {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

const publisher = createClient({ socket: { host: '127.0.0.1', port: Number(port) }, RESP: Number(resp), name: 'node' });
publisher.on('error', (error) => report({ error: error.message }));
const subscriber = publisher.duplicate();
subscriber.on('error', (error) => report({ error: error.message }));

await publisher.connect();
await subscriber.connect();

const stopped = new Promise((resolve) => {
  subscriber.subscribe(channel, (payload) => {
    report({ message: payload.toString('latin1') });
    if (payload.equals(Buffer.from('stop'))) {
      resolve();
    }
  }, true).then(() => subscriber.pSubscribe('[rR]eserved*', (payload, from) => report({ pattern: payload, from })))
    .then(() => report({ subscribed: channel }));
});

report({ ping: await publisher.ping(), name: await publisher.clientGetName() });
await stopped;

report({ receivers: await publisher.publish(channel, Buffer.from([0, 0xff, 0x0d, 0x0a])) });
await subscriber.unsubscribe();
report({ receivers: await publisher.publish(channel, 'after') });
await subscriber.pUnsubscribe();
await subscriber.close();
await publisher.close();
