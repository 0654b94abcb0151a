// What a page loads. The connection lives in a worker where there can be one.
import { MessageBus } from './bus.js';
import { browserHost } from './host.js';

export * from './bus.js';

MessageBus.host ??= browserHost;
