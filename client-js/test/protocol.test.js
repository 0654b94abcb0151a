import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { byteLength, encodeCommand, parseServerMessage, toBody } from '../worker/protocol.js';

const vectors = name => JSON.parse(readFileSync(new URL(`../../tests/protocol-vectors/${name}.json`, import.meta.url), 'utf8'));
const defined = object => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

// This client asks for no refresh.
const notForUs = new Set(['refreshed', 'refreshed with a token that does not expire']);

for (const { name, frame, means } of vectors('server').filter(vector => !notForUs.has(vector.name))) {
  test(`The gateway's frame is understood: ${name}`, () => {
    const { bytes, payload, message, ...rest } = defined(parseServerMessage(frame));

    const understood = bytes ? { ...rest, payloadBase64: Buffer.from(bytes).toString('base64') } : defined({ ...rest, payload });

    assert.deepEqual(understood, means);
    assert.ok(means.type === 'error' || message === undefined);
  });
}

// These are fine to send, but this client has no reason to: it always asks for a reply and lets JSON.stringify write.
const notOurs = new Set([
  'connect without an id', 'subscribe without an id', 'publish without an id',
  'publish text written with unicode escapes', 'publish a JSON object as written', 'publish a JSON number as written', 'publish a JSON null',
  'refresh', 'unknown extra fields', 'fields in another order, with white space',
]);

for (const { name, frame, means } of vectors('client').filter(vector => vector.means && !notOurs.has(vector.name))) {
  test(`The client writes the frame byte for byte: ${name}`, () => {
    const { payloadBase64, payload, subscriptions, ...rest } = means;
    const body = payloadBase64 !== undefined ? toBody(new Uint8Array(Buffer.from(payloadBase64, 'base64'))) : defined({ payload });

    const text = encodeCommand(defined({ ...body, ...rest, subscriptions: subscriptions?.length ? subscriptions.map(channel => ({ channel })) : undefined }));

    assert.equal(text, frame);
  });
}

for (const [what, text] of [
  ['text that is not JSON', 'hello'], ['nothing', ''], ['an array', '[]'], ['null', 'null'], ['a binary message', new ArrayBuffer(2)],
  ['no type', '{}'], ['a type that is not a string', '{"type":1}'], ['a type of a newer gateway', '{"type":"joined","channel":"a","user":"42"}'],
  ['a name that every object has', '{"type":"constructor"}'], ['a message without a channel', '{"type":"message","payload":"x"}'],
  ['a message without a payload', '{"type":"message","channel":"a"}'], ['a message with bad base64', '{"type":"message","channel":"a","base64":"%"}'],
  ['a status that says nothing of the broker', '{"type":"status"}'], ['a published without an id', '{"type":"published"}'],
]) {
  test(`Not understood, and no error: ${what}`, () => {
    assert.equal(parseServerMessage(text), null);
  });
}

test('Extra fields and fields of the wrong type do not matter', () => {
  const message = parseServerMessage('{"type":"connected","id":1,"pingInterval":"25","maxMessage":-1,"colour":{"red":1}}');

  assert.deepEqual(defined(message), { type: 'connected', id: 1 });
});

test('Bytes that are not UTF-8 are there as text with replacement characters, a byte order mark included', () => {
  const message = parseServerMessage('{"type":"message","channel":"a","base64":"77u/Yf8="}');

  assert.equal(message.payload, '\ufeffa\ufffd');
  assert.deepEqual([...message.bytes], [0xef, 0xbb, 0xbf, 0x61, 0xff]);
});

test('A large array of bytes is encoded whole', () => {
  const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);

  assert.equal(toBody(bytes).base64, Buffer.from(bytes).toString('base64'));
});

test('The length in bytes is that of UTF-8', () => {
  for (const text of ['', 'abc', 'é', '€', '🚌', 'é€🚌abc']) {
    assert.equal(byteLength(text), Buffer.byteLength(text), JSON.stringify(text));
  }
});

test('A field named bytes is not taken for the bytes of the payload', () => {
  const message = parseServerMessage('{"type":"message","channel":"a","payload":"x","bytes":"y"}');

  assert.deepEqual(message, { type: 'message', channel: 'a', payload: 'x' });
});

test('JSON that is nested 100,000 deep is no message, or an unknown field of one', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);

  assert.equal(parseServerMessage(deep), null);
  assert.deepEqual(parseServerMessage(`{"type":"ping","future":${deep}}`), { type: 'ping' });
});
