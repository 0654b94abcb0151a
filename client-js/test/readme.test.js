import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeBus } from '../testing/testing.js';
import { settled } from '../test-support/fakes.js';
import { writeExamples } from '../tools/readme-examples.js';

const examples = writeExamples();

test('There are examples in the README', () => {
  assert.ok(examples.length > 10, `${examples.length}`);
});

for (const { line, file } of examples.filter(({ language }) => language === 'js')) {
  test(`The example in line ${line} of the README runs`, async () => {
    const bus = createFakeBus({ user: '42' });
    const complaints = [];
    bus.on('error', complaint => complaints.push(complaint));
    Object.assign(globalThis, { bus, show() {}, hide() {}, load: async () => {} });

    await import(file.href);
    await settled();

    assert.deepEqual(complaints, []);
  });
}
