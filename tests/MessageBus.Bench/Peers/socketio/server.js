// Socket.IO as its documentation recommends: a room for each channel, WebSocket transport only, and from its performance page
// bufferutil (picked up by ws by itself) and no reference to the handshake request. Redis through ioredis.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { Redis } from "ioredis";
import { Server } from "socket.io";

const { PORT, REDIS_PORT, TLS_CERTIFICATE, TLS_KEY } = process.env;

const redis = new Redis({ host: "127.0.0.1", port: Number(REDIS_PORT), maxRetriesPerRequest: null });
redis.on("error", () => {});
redis.on("message", (channel, payload) => io.to(channel).emit("message", channel, payload));

/** @type {Map<string, Promise<unknown>>} */
const subscriptions = new Map();

const http = TLS_KEY
  ? createTlsServer({ cert: readFileSync(TLS_CERTIFICATE), key: readFileSync(TLS_KEY) })
  : createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false });

io.engine.on("connection", (rawSocket) => {
  rawSocket.request = null;
});

io.on("connection", (socket) => {
  socket.on("join", async (channel, acknowledge) => {
    socket.join(channel);
    await subscribed(channel);
    acknowledge();
  });
});

/** One subscription at Redis a channel, however many sockets want it. */
function subscribed(channel) {
  let subscription = subscriptions.get(channel);
  if (!subscription) {
    subscription = redis.subscribe(channel);
    subscriptions.set(channel, subscription);
  }
  return subscription;
}

process.stdin.on("end", () => process.exit()).resume();
http.listen(Number(PORT), "127.0.0.1", () => console.log("ready"));
