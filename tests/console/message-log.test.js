// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FoundMessages, SCANNED_AT_ONCE } from '../../www/console/model/found-messages.js';
import {
  MOST_BYTES,
  MOST_MESSAGES,
  MOST_PAYLOAD,
  MessageLog,
  costOf,
  keptOf,
} from '../../www/console/model/message-log.js';
import { message } from './messages.js';

/** @param {string} topic @param {string} [payload] */
const kept = (topic, payload) => keptOf(message(topic, payload), 0);
/** @param {Iterable<{ topic: string }>} messages */
const topics = (messages) => Array.from(messages, ({ topic }) => topic);

/** @param {MessageLog} log @param {number} count */
function fill(log, count) {
  for (let number = 0; number < count; number++) log.add(kept(`t/${number}`));
}

test('the log keeps the newest, as many as its bound says', () => {
  const log = new MessageLog({ most: 3 });

  fill(log, 5);

  assert.deepEqual(topics(log), ['t/2', 't/3', 't/4']);
  assert.equal(log.get(1), undefined);
  assert.equal(log.get(2)?.topic, 't/2');
  assert.equal(log.dropped, 2);
});

test('the log keeps 30,000 messages, and never more bytes than it says', () => {
  const log = new MessageLog();

  fill(log, MOST_MESSAGES + 1);
  assert.equal(log.size, 30_000);
  for (let number = 0; number < 1_000; number++) log.add(kept('big', 'x'.repeat(MOST_PAYLOAD)));

  assert.ok(log.bytes <= MOST_BYTES, `${log.bytes}`);
  assert.equal(
    log.bytes,
    Array.from(log, costOf).reduce((all, one) => all + one),
  );
});

test('one message stays, however long it is', () => {
  const log = new MessageLog({ mostBytes: 10 });

  log.add(kept('one'));
  log.add(kept('two'));

  assert.deepEqual(topics(log), ['two']);
});

test('what is kept of a payload is a copy of its first 64 KiB', () => {
  const payload = new Uint8Array(100_000);
  const one = keptOf({ ...message('t'), payload: payload.subarray(1) }, 7);

  payload.fill(1);

  assert.equal(one.bytes, 99_999);
  assert.equal(one.payload.length, 65_536);
  assert.equal(one.payload.buffer.byteLength, 65_536);
  assert.equal(one.payload[0], 0);
});

test('a log that was cleared counts on, and takes no memory', () => {
  const log = new MessageLog({ most: 3 });
  fill(log, 5);

  log.clear();
  log.add(kept('new'));

  assert.deepEqual(topics(log), ['new']);
  assert.equal(log.bytes, costOf(kept('new')));
});

test('without a search the newest message is found first', () => {
  const log = new MessageLog({ most: 3 });
  const found = new FoundMessages(log);

  fill(log, 5);

  assert.equal(found.size, 3);
  assert.equal(found.at(0), 4);
  assert.equal(found.indexOf(4), 0);
  assert.equal(found.indexOf(1), -1);
  assert.deepEqual(topics(found.messages()), ['t/2', 't/3', 't/4']);
});

test('a search finds what was there, in portions, and what comes', () => {
  const log = new MessageLog();
  const found = new FoundMessages(log);
  fill(log, SCANNED_AT_ONCE + 500);

  found.search(({ topic }) => topic.endsWith('00'));
  assert.equal(found.at(0), 2_400);
  assert.equal(found.size, 20);
  assert.equal(found.scan(), false);
  for (const topic of ['t/2500', 't/2501']) {
    log.add(kept(topic));
    found.added(/** @type {any} */ (log.get(log.next - 1)));
  }

  assert.equal(found.size, 25);
  assert.equal(found.at(0), 2_500);
  assert.equal(found.indexOf(2_500), 0);
  assert.equal(found.indexOf(2_400), 1);
  assert.equal(found.indexOf(2_401), -1);
});

test('what the log lost is not found any more', () => {
  const log = new MessageLog({ most: 4 });
  const found = new FoundMessages(log);
  fill(log, 4);
  found.search(() => true);

  for (const topic of ['a', 'b', 'c', 'd', 'e']) {
    log.add(kept(topic));
    found.added(/** @type {any} */ (log.get(log.next - 1)));
  }

  assert.equal(found.size, 4);
  assert.deepEqual(topics(found.messages()), ['b', 'c', 'd', 'e']);
});
