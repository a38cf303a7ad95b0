// @ts-check
/** What a broker has to answer, in a sample of what clients send. */
import {
  connectPacket,
  packet,
  publishPacket,
  subscribePacket,
  utf8,
} from '../build/support/raw.js';

/** @typedef {{ version: 3 | 4 | 5, packets: Uint8Array[] }} Sent */

const bytes = (/** @type {number[]} */ ...all) => Buffer.from(all);
const id = bytes(0, 9);
/** @param {string} clientId @param {number[]} [properties] @param {number} [flags] */
const connect5 = (clientId, properties = [], flags = 2) =>
  packet(
    0x10,
    bytes(0, 4, ...Buffer.from('MQTT'), 5, flags, 0, 0, properties.length, ...properties),
    utf8(clientId),
  );
/** @param {string} filter @param {number} [options] @param {number[]} [properties] */
const subscribe5 = (filter, options = 0, properties = []) =>
  packet(0x82, id, bytes(properties.length, ...properties), utf8(filter), bytes(options));
/** @param {string} topic @param {string} text @param {number} [flags] @param {number[]} [properties] */
const publish5 = (topic, text, flags = 0, properties = []) =>
  packet(
    0x30 | flags,
    utf8(topic),
    ...((flags & 6) === 0 ? [] : [id]),
    bytes(properties.length, ...properties),
    Buffer.from(text),
  );
const five = (/** @type {Uint8Array[]} */ ...packets) =>
  /** @type {Sent} */ ({ version: 5, packets: [connect5('sample'), ...packets] });
const ping = packet(0xc0);
const hex = (/** @type {string} */ text) => Buffer.from(text).toString('hex');
const connack = '20[0-9a-f]{2}0000[0-9a-f]*';
/** DISCONNECT may be sent, the end must come. [MQTT5-4.13.1-1] */
const ended = new RegExp(`^${connack}closed$`);
/** In the long form, or in the short one, which means 0x00. @param {string} codes */
const acknowledged = (codes) => `(020009|030009${codes}|040009${codes}00)`;

/**
 * What is sent to the port of 5.0 or of 3.1.1, and a pattern of all that comes back, as hexadecimal digits,
 * and `closed` where the broker ended the connection.
 *
 * @type {readonly [string, Sent, RegExp][]}
 */
export const SAMPLE = [
  [
    'MQTT 3.1',
    { version: 3, packets: [packet(0x10, utf8('MQIsdp'), bytes(3, 2, 0, 0), utf8('old')), ping] },
    /^20020000d000$/,
  ],
  ['3.1.1, empty client id', { version: 4, packets: [connectPacket(''), ping] }, /^20020000d000$/],
  [
    '3.1.1, empty client id with a session: code 2',
    { version: 4, packets: [connectPacket('', { clean: false })] },
    /^20020002(closed)?$/,
  ],
  [
    '3.1.1, client id with a slash',
    { version: 4, packets: [connectPacket('a/b'), ping] },
    /^20020000d000$/,
  ],
  [
    '3.1.1, empty user name',
    {
      version: 4,
      packets: [packet(0x10, utf8('MQTT'), bytes(4, 0x82, 0, 0), utf8('nobody'), utf8('')), ping],
    },
    /^20020000d000$/,
  ],
  [
    '3.1.1, own message back, QoS 0',
    {
      version: 4,
      packets: [connectPacket('own'), subscribePacket(['a/+']), publishPacket('a/b', 'x')],
    },
    /^20020000900300070030060003612f6278$/,
  ],
  [
    '3.1.1, # leaves out $ topics',
    {
      version: 4,
      packets: [
        connectPacket('dollar'),
        subscribePacket(['#', '+/x']),
        publishPacket('$own/x', 'x'),
        ping,
      ],
    },
    /^2002000090040007[0-2]{4}d000$/,
  ],
  [
    '5.0, empty client id: one is assigned',
    { version: 5, packets: [connect5('')] },
    /^20[0-9a-f]{2}0000.*12/,
  ],
  ['5.0, second CONNECT', five(connect5('again')), ended],
  [
    '5.0, no-local',
    five(subscribe5('a', 4), publish5('a', 'mine'), ping),
    new RegExp(`^${connack}9004000900(00)d000$`),
  ],
  [
    '5.0, subscription identifier',
    five(subscribe5('a', 0, [11, 7]), publish5('a', 'hi')),
    new RegExp(`00161[0-9a-f]*0b07[0-9a-f]*${hex('hi')}$`),
  ],
  [
    '5.0, both overlapping identifiers',
    five(subscribe5('a', 0, [11, 7]), subscribe5('+', 0, [11, 8]), publish5('a', 'hi')),
    /0b07.*0b08|0b08.*0b07/,
  ],
  [
    '5.0, user property kept',
    five(subscribe5('a'), publish5('a', 'hi', 0, [0x26, 0, 1, 0x6b, 0, 1, 0x76])),
    /2600016b000176/,
  ],
  [
    '5.0, response topic and correlation data kept',
    five(subscribe5('a'), publish5('a', 'hi', 0, [8, 0, 1, 0x72, 9, 0, 1, 0x63])),
    /08000172.*09000163|09000163.*08000172/,
  ],
  [
    '5.0, no other property added to a message',
    five(subscribe5('a'), publish5('a', 'hi')),
    new RegExp(`300600016100${hex('hi')}$`),
  ],
  [
    '5.0, PUBACK without subscribers',
    five(publish5('nobody/here', 'x', 2)),
    new RegExp(`^${connack}40${acknowledged('(00|10)')}$`),
  ],
  [
    '5.0, UNSUBACK 0x11 for what was not subscribed',
    five(packet(0xa2, id, bytes(0), utf8('never'))),
    new RegExp(`^${connack}b00400090011$`),
  ],
  [
    '5.0, retain handling 2',
    five(publish5('r', 'kept', 1), subscribe5('r', 0x20), ping),
    new RegExp(`^${connack}900400090000d000$`),
  ],
  [
    '5.0, retain as published',
    five(subscribe5('a', 8), publish5('a', 'hi', 1)),
    new RegExp(`31[0-9a-f]{2}000161[0-9a-f]*${hex('hi')}$`),
  ],
  [
    '5.0, bad filter',
    five(subscribe5('a/#/b')),
    new RegExp(`^${connack}(9004000900(8f|80)|(e0[0-9a-f]*)?closed)`),
  ],
  ['5.0, topic alias 0', five(publish5('a', 'x', 0, [0x23, 0, 0])), ended],
  ['5.0, wildcard in a topic name', five(publish5('a/#', 'x')), ended],
  [
    '5.0, QoS 2 to the end',
    five(publish5('q', 'x', 4), packet(0x62, id)),
    new RegExp(`^${connack}50${acknowledged('(00|10)')}70${acknowledged('00')}$`),
  ],
  [
    '5.0, PUBREL of an unknown number: 0x92',
    five(packet(0x62, id)),
    new RegExp(`^${connack}70${acknowledged('92')}$`),
  ],
  [
    '5.0, shared subscription, or CONNACK says that there is none',
    five(subscribe5('$share/g/a'), publish5('a', 'hi')),
    new RegExp(`2a00|${hex('hi')}$`),
  ],
];
