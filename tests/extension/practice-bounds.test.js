// @ts-check
// What the practice broker holds at most, with the broker itself and no browser.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  Kept,
  MOST_KEPT,
  MOST_KEPT_BYTES,
  makeBroker,
} from '../../extension/practice/worker/broker.js';
import { Connection } from '../../extension/practice/worker/connection.js';
import { MOST_PACKET_BYTES, PacketSizes } from '../../extension/practice/worker/packet-sizes.js';
import { until } from '../e2e/support/wait.js';

const CONNECT = '100d00044d5154540402003c000141';
const broker = await makeBroker();
after(() => broker.close());

/** A client that says and hears hexadecimal digits. */
function client() {
  const { port1, port2 } = new MessageChannel();
  const connection = new Connection(/** @type {any} */ (port2));
  broker.handle(/** @type {any} */ (connection));
  /** @type {{ heard: string, read: number, isClosed: boolean }} */
  const seen = { heard: '', read: 0, isClosed: false };
  port1.onmessage = ({ data }) => {
    if (data instanceof ArrayBuffer) seen.heard += Buffer.from(data).toString('hex');
    else if (data === 'close') seen.isClosed = true;
    else seen.read += Number(data);
  };
  const send = (/** @type {Uint8Array} */ bytes) => port1.postMessage(new Uint8Array(bytes).buffer);
  const say = (/** @type {string} */ hex) => send(Buffer.from(hex, 'hex'));
  after(() => port1.close());
  return { seen, send, say, connection, port: port1 };
}

/** @param {ReturnType<typeof client>} one @param {string} hex */
const hears = ({ seen }, hex) =>
  until(`to hear ${hex}`, () => seen.heard.includes(hex), { seen: () => seen });

/** @param {number} qos of a subscription to a */
const subscribe = (qos) => `82060001000161${qos.toString(16).padStart(2, '0')}`;

test('it speaks 3.1.1, and says to a client of 5.0 that it speaks no other version', async () => {
  const [old, young] = [client(), client()];
  old.say(CONNECT);
  young.say('100e00044d5154540502003c0000' + '0142');

  await hears(old, '20020000');
  await hears(young, '20020001');
});

test('a packet that would be larger than its bound ends the connection before it is there', async () => {
  const one = client();
  one.say(CONNECT);
  await hears(one, '20020000');

  one.say('30ffffff7f');

  await until('the end', () => one.seen.isClosed);
});

for (const [size, isAccepted] of /** @type {const} */ ([
  [0, true],
  [1, true],
  [127, true],
  [128, true],
  [16_384, true],
  [MOST_PACKET_BYTES, true],
  [MOST_PACKET_BYTES + 1, false],
  [268_435_455, false],
])) {
  test(`a packet of ${size} bytes is ${isAccepted ? 'taken' : 'refused'}, in one piece or byte by byte`, () => {
    const length = [];
    for (let rest = size; ; rest >>>= 7) {
      length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
      if (rest <= 0x7f) break;
    }
    const header = Uint8Array.from([0x30, ...length]);
    const [whole, single] = [new PacketSizes(), new PacketSizes()];

    assert.equal(whole.accept(header), isAccepted);
    assert.equal(
      [...header].every((byte) => single.accept(Uint8Array.of(byte))),
      isAccepted,
    );
    if (!isAccepted) return;
    // The next packet begins behind it.
    assert.ok(whole.accept(new Uint8Array(size)));
    assert.ok(!whole.accept(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff)));
  });
}

test('kept messages have a bound in number and in bytes, and room comes back', () => {
  const kept = new Kept();
  const message = (/** @type {string} */ topic, /** @type {number} */ length) => ({
    topic,
    payload: { length },
  });
  for (let count = 0; count < MOST_KEPT; count += 1) assert.ok(kept.takes(message(`${count}`, 1)));
  assert.ok(!kept.takes(message('more', 1)));
  assert.ok(kept.takes(message('7', 2)), 'a newer one takes the place of the old');
  assert.ok(kept.takes(message('7', 0)));
  assert.ok(kept.takes(message('more', 1)));

  const large = new Kept();
  assert.ok(large.takes(message('a', MOST_KEPT_BYTES - 2)));
  assert.ok(!large.takes(message('b', 1)));
  assert.ok(large.takes(message('a', 5)));
  assert.ok(large.takes(message('b', 1)));
});

test('who does not read is waited for, and whoever sends on without waiting is disconnected', async () => {
  const [reader, writer] = [client(), client()];
  reader.say(CONNECT);
  writer.say(CONNECT.replace(/41$/, '42'));
  await hears(reader, '20020000');
  await hears(writer, '20020000');
  reader.say(subscribe(0));
  await hears(reader, '90030001');
  // PUBLISH to a with 100,000 bytes behind the topic.
  const publication = Buffer.concat([Buffer.from('30a38d06000161', 'hex'), Buffer.alloc(100_000)]);

  for (let count = 0; count < 60; count += 1) writer.send(publication);
  const size = () => reader.seen.heard.length / 2;
  await until('the bound', () => size() > 1024 * 1024);
  const bound = size();
  assert.ok(bound < 1.2 * 1024 * 1024, String(bound));

  const flood = client();
  flood.say(CONNECT.replace(/41$/, '43'));
  await hears(flood, '20020000');
  for (let count = 0; count < 200; count += 1) flood.send(publication);
  await until('the end of who does not wait', () => flood.seen.isClosed, {
    seen: () => [flood.seen, bound, size()],
  });

  const read = setInterval(() => reader.port.postMessage(100_000), 5);
  await until('all', () => size() > 60 * 100_000);
  clearInterval(read);
});
