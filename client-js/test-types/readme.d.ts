// What the examples of README.md take as given.
declare const bus: import('@messagebus/client').MessageBus;
declare const show: (...values: unknown[]) => void;
declare const hide: (code: string) => void;
declare const load: () => Promise<void>;

interface ImportMeta {
  /** Of a bundler that replaces modules. */
  hot?: { dispose(leave: () => void): void };
}

declare module 'node:test' {
  export function test(name: string, body: () => void | Promise<void>): void;
}

declare module 'node:assert/strict' {
  const assert: { deepEqual(actual: unknown, expected: unknown): void };
  export default assert;
}
