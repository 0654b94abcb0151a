// Bun as its documentation recommends for chat-like fan-out: Bun.serve with native pub/sub (ws.subscribe, server.publish),
// fed by Bun's own RedisClient. A message of the client is the name of a channel to join; "ok" says that it is subscribed.
import { RedisClient } from "bun";

const redis = new RedisClient(`redis://127.0.0.1:${process.env.REDIS_PORT}`);
await redis.connect();
// Bun reconnects by itself but does not subscribe again, and a second subscribe adds a second listener.
redis.onconnect = () => {
  for (const channel of subscriptions.keys()) {
    subscriptions.set(channel, redis.unsubscribe(channel).then(() => redis.subscribe(channel, deliver)));
  }
};

/** @type {Map<string, Promise<unknown>>} */
const subscriptions = new Map();

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT),
  tls: process.env.TLS_KEY && {
    cert: Bun.file(process.env.TLS_CERTIFICATE),
    key: Bun.file(process.env.TLS_KEY),
  },
  fetch(request, server) {
    if (server.upgrade(request)) return;
    return new Response("WebSocket expected", { status: 426 });
  },
  websocket: {
    async message(socket, channel) {
      socket.subscribe(channel);
      await subscribed(channel);
      socket.send("ok");
    },
  },
});

/** One subscription at Redis a channel, however many sockets want it. */
function subscribed(channel) {
  let subscription = subscriptions.get(channel);
  if (!subscription) {
    subscription = redis.subscribe(channel, deliver);
    subscriptions.set(channel, subscription);
  }
  return subscription;
}

function deliver(payload, channel) {
  server.publish(channel, JSON.stringify({ type: "message", channel, payload }));
}

process.stdin.on("end", () => process.exit()).resume();
console.log("ready");
