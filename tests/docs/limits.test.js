// @ts-check
/** The limits that the page names are those of the code. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/run.mjs';
import { pageAt } from './support/pages.js';

const MIB = 2 ** 20;
/** The beginning of a row, a bound in it, the constant, its file and what it has to be. @type {[string, string, string, string, number][]} */
const LIMITS = [
  ['any other packet', '1 MiB', 'MOST_CONTROL_BYTES', 'src/codec/header.rs', MIB],
  [
    'a WebSocket message',
    '64 MiB',
    'MESSAGE_SLACK_BYTES',
    'src/session/connection/receive.rs',
    64 * MIB,
  ],
  ['bytes read from it at once', '32 KiB', 'PORTION', 'src/codec/decoder.rs', 32 * 1024],
  [
    'user properties of a packet',
    '1,000 pairs',
    'MOST_USER_PROPERTIES',
    'src/codec/properties.rs',
    1000,
  ],
  [
    'user properties of a packet',
    '256 KiB',
    'MOST_USER_PROPERTY_BYTES',
    'src/codec/properties.rs',
    256 * 1024,
  ],
  ['subscription identifiers', '1,000', 'MOST_SUBSCRIPTION_IDS', 'src/codec/properties.rs', 1000],
  ['messages that wait for the handler', '64 MiB', 'MAX_BYTES', 'src/session/outbox.rs', 64 * MIB],
  ['bytes in the socket', '1 MiB', 'SOCKET_BYTES', 'src/session/wanted/pace.rs', MIB],
  ['bytes in the socket', '64 KiB', 'PACED_SOCKET_BYTES', 'src/session/wanted/pace.rs', 64 * 1024],
  ['filters', '100,000', 'MAX_FILTERS', 'src/session/agreed/subscriptions/mod.rs', 100_000],
  ['brokers of a list', '8', 'MOST_BROKERS', 'src/address.rs', 8],
  ['last messages', '1,000 topics', 'REMEMBERED_TOPICS', 'extension/delivery/messages.js', 1000],
  ['last messages', '4 MiB', 'REMEMBERED_BYTES', 'extension/delivery/messages.js', 4 * MIB],
  ['messages for one script', '1,000', 'QUEUE_LIMIT', 'extension/delivery/with-runtime.js', 1000],
  ['messages for one script', '100', 'QUEUE_LIMIT', 'extension/delivery/sandboxed.js', 100],
  ['messages for one script', '16 MiB', 'QUEUE_BYTES', 'extension/delivery/bounds.js', 16 * MIB],
  ['messages for `next message`', '1,000', 'INBOX_LIMIT', 'extension/delivery/inbox.js', 1000],
  ['messages for `next message`', '100 until', 'UNREAD_LIMIT', 'extension/delivery/inbox.js', 100],
  ['messages for `next message`', '1 MiB', 'INBOX_BYTES', 'extension/delivery/inbox.js', MIB],
  ['`hex of message`', '4 MiB', 'MOST_BYTES', 'extension/values/bytes.js', 4 * MIB],
  ['JSON, its path', '262,144', 'MOST_JSON', 'extension/values/json.js', 262_144],
  ['text in which a number', '1,048,576', 'MOST_TEXT', 'extension/values/numbers.js', 1_048_576],
  ['retained messages', '1,000', 'MOST_KEPT', 'extension/practice/worker/broker.js', 1000],
  ['retained messages', '8 MiB', 'MOST_KEPT_BYTES', 'extension/practice/worker/broker.js', 8 * MIB],
  [
    'connections; topics of one',
    '100',
    'MOST_CONNECTIONS',
    'extension/practice/worker/broker.js',
    100,
  ],
  ['a packet', '1 MiB', 'MAX_PACKET_BYTES', 'server/src/settings.rs', MIB],
  ['a packet', '66 kB', 'MOST_SUBSCRIBE_BYTES', 'server/src/front/packets.rs', 66_000],
  ['messages of one client', '50 a second', 'MESSAGES_PER_SECOND', 'server/src/options.rs', 50],
  ['messages of one client', '64 KiB', 'MOST_OF_ONE', 'server/src/front/hold.rs', 64 * 1024],
  [
    'waiting for one client that reads slowly',
    '1 MiB',
    'MOST_FOR_ONE',
    'server/src/front/backlog.rs',
    MIB,
  ],
  ['the same for all clients', '64 MiB', 'MOST_FOR_ALL', 'server/src/front/backlog.rs', 64 * MIB],
  ['waiting for one client that is away', '1 MiB', 'WAITING_BYTES', 'server/src/settings.rs', MIB],
  ['sessions', '1,000', 'MOST_SESSIONS', 'server/src/quotas.rs', 1000],
  ['filters', '250 for a client', 'MOST_FILTERS_OF_ONE', 'server/src/settings.rs', 250],
  ['filters', '5,000', 'MOST_FILTERS', 'server/src/quotas.rs', 5000],
  ['filters', '128 levels', 'MOST_LEVELS', 'server/src/quotas.rs', 128],
  ['retained messages', '32 MiB', 'MOST_RETAINED_BYTES', 'server/src/quotas.rs', 32 * MIB],
  ['connections', '2,048', 'MOST_OPEN', 'server/src/front/doorman.rs', 2048],
  ['connections', '512', 'MOST_WAITING', 'server/src/front/doorman.rs', 512],
  ['clients of one address', '64', 'MOST_CLIENTS_OF_ONE_HOME', 'server/src/front/doorman.rs', 64],
  ['memory of the program', '192 MiB', 'SHORT', 'server/src/memory.rs', 192 * MIB],
  ['memory of the program', '288 MiB', 'TOO_MUCH', 'server/src/memory.rs', 288 * MIB],
  ['the project of the lesson', '50 MB', 'MOST_BYTES', 'server/src/class/project.rs', 50_000_000],
  [
    'a message in the console',
    '64 KiB',
    'MOST_PAYLOAD',
    'www/console/model/message-log.js',
    64 * 1024,
  ],
  [
    'messages in the console',
    '30,000',
    'MOST_MESSAGES',
    'www/console/model/message-log.js',
    30_000,
  ],
  ['topics in the console', '10,000', 'MOST_TOPICS', 'www/console/model/topic-tree.js', 10_000],
  ['topics in the console', '24 levels', 'MOST_LEVELS', 'www/console/model/topic-tree.js', 24],
  ['numbers in its plot', '6 series', 'MOST_SERIES', 'www/console/model/plotted.js', 6],
  ['numbers in its plot', '20,000', 'MOST_POINTS', 'www/console/model/plotted.js', 20_000],
  ['brokers that it saves', '20', 'MOST_BROKERS', 'www/console/model/saved.js', 20],
  ['a project for the converter', '100 MB', 'MOST_BYTES', 'www/convert/archive.js', 100_000_000],
  ['a project for the converter', '10,000 files', 'MOST_FILES', 'www/convert/archive.js', 10_000],
];

const rows = pageAt('docs/reference/limits.md')
  .text.split('\n')
  .filter((line) => line.startsWith('| '));

for (const [start, bound, name, file, value] of LIMITS) {
  test(`${start}: ${bound} is ${name} of ${file}`, () => {
    const named = rows.filter((row) => row.startsWith(`| ${start}`));
    assert.ok(
      named.some((row) => row.includes(bound)),
      `no row "${start}" says ${bound}`,
    );

    const source = readFileSync(join(root, file), 'utf8');
    const [, expression = ''] =
      new RegExp(`const ${name}(?:: \\w+)? = ([^;]+);`).exec(source) ?? [];

    assert.equal(valueOf(expression, source), value, expression);
  });
}

/** A number, or a product or shift of numbers and other constants of the file. @param {string} expression @param {string} source @returns {number} */
function valueOf(expression, source) {
  const words = expression.replaceAll('_', '').split(/ (\*|<<) /);
  const original = expression.split(/ (?:\*|<<) /);
  /** @param {string} word @param {string} name */
  const number = (word, name) =>
    /^\d/.test(word)
      ? Number(word)
      : valueOf(new RegExp(`const ${name}(?:: \\w+)? = ([^;]+);`).exec(source)?.[1] ?? '', source);
  let result = number(words[0] ?? '', original[0] ?? '');
  for (let at = 1; at < words.length; at += 2) {
    const next = number(words[at + 1] ?? '', original[(at + 1) / 2] ?? '');
    result = words[at] === '*' ? result * next : result * 2 ** next;
  }
  return result;
}
