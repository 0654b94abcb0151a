// The whole client in one graph of static imports, with the connection on the thread that loads it: for service workers and extensions,
// which may not import() anything, for workers, React Native, and servers that are clients themselves.
import { MessageBus } from './bus.js';
import { threadHost } from './worker/thread.js';

export * from './bus.js';

MessageBus.host = threadHost;
MessageBus.connectsOnServers = true;
