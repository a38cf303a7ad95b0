// @ts-check
/** `MqttClient` in Chromium and the MQTT programs of the classroom, through the same broker. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openBench } from './support/bench.js';
import { uniqueTopic } from './support/names.js';
import { OurClient } from './support/our-client.js';
import { ensurePythonPeers, peers } from './support/peers.js';
import { until } from './support/wait.js';

/** @typedef {import('./support/bench.js').Bench} Bench */
/** @typedef {import('./support/peers.js').Message} Message */
/** @typedef {import('./support/peers.js').Received} Received */

/** @type {Bench} */
let bench;
/** @type {import('playwright-core').Page} */
let page;

before(async () => {
  ensurePythonPeers();
  bench = await openBench();
  page = await bench.browser.newPage();
  await page.goto(`${bench.origin}/program`);
});
after(() => bench?.cleanup.run());

for (const kind of peers) {
  describe(kind.name, () => {
    test('its messages of QoS 0, 1 and 2 arrive, each as it was published', async () => {
      const topic = uniqueTopic('école/中文/😀');
      const sent = everyMessage(topic, kind.textOnly);
      const [ours, peer] = await Promise.all([
        OurClient.connect(page, bench),
        kind.start(bench.broker),
      ]);
      try {
        await ours.subscribe(`${topic}/#`, 2);

        for (const message of sent) await peer.publish(message);

        assert.deepEqual(
          sorted(await untilMessages(ours, sent.length)),
          sorted(sent.map(received)),
        );
      } finally {
        await Promise.all([ours.end(), peer.end()]);
      }
    });

    test('our messages of QoS 0, 1 and 2 arrive there, each as it was published', async () => {
      const topic = uniqueTopic('école/中文/😀');
      const sent = everyMessage(topic, kind.textOnly);
      const [ours, peer] = await Promise.all([
        OurClient.connect(page, bench),
        kind.start(bench.broker),
      ]);
      try {
        await peer.subscribe(`${topic}/#`, 2);

        for (const message of sent) await ours.publish(message);

        const got = await untilMessages(peer, sent.length);
        assert.deepEqual(sorted(got), sorted(sent.map(received).map(likeIn(got))));
      } finally {
        await Promise.all([ours.end(), peer.end()]);
      }
    });

    test('retained messages are kept for the other side', async () => {
      const topic = uniqueTopic();
      const kept = { payload: Buffer.from('kept 😀'), qos: /** @type {const} */ (1), retain: true };
      const [ours, peer] = await Promise.all([
        OurClient.connect(page, bench),
        kind.start(bench.broker),
      ]);
      try {
        await ours.publish({ ...kept, topic: `${topic}/ours` });
        await peer.publish({ ...kept, topic: `${topic}/theirs` });
        await until('the broker to keep it', () => bench.broker.log.includes(`${topic}/theirs'`));

        await Promise.all([
          ours.subscribe(`${topic}/theirs`, 1),
          peer.subscribe(`${topic}/ours`, 1),
        ]);

        const got = await untilMessages(peer, 1);
        assert.deepEqual(got, [received({ ...kept, topic: `${topic}/ours` })].map(likeIn(got)));
        assert.deepEqual(await untilMessages(ours, 1), [
          received({ ...kept, topic: `${topic}/theirs` }),
        ]);
      } finally {
        await Promise.all([ours.end(), peer.end()]);
      }
    });

    test('the will of each side reaches the other', async () => {
      const topic = uniqueTopic();
      /** @param {string} side @returns {Message} */
      const will = (side) => ({
        topic: `${topic}/${side}`,
        payload: Buffer.from('weg 中文'),
        qos: 1,
        retain: false,
      });
      const [watcher, ours, peer] = await Promise.all([
        OurClient.connect(page, bench),
        OurClient.connect(page, bench, will('ours')),
        kind.start(bench.broker, will('theirs')),
      ]);
      try {
        await Promise.all([
          watcher.subscribe(`${topic}/theirs`, 1),
          peer.subscribe(`${topic}/ours`, 1),
        ]);

        await ours.die();
        const got = await untilMessages(peer, 1);
        assert.deepEqual(got, [received(will('ours'))].map(likeIn(got)));

        await peer.die();
        assert.deepEqual(await untilMessages(watcher, 1), [received(will('theirs'))]);
      } finally {
        await Promise.all([watcher.end(), peer.end()]);
      }
    });
  });
}

/**
 * A message for each QoS and each kind of payload, each with its own topic: between two QoS the order is free.
 *
 * @param {string} topic
 * @param {boolean} [textOnly]
 * @returns {Message[]}
 */
function everyMessage(topic, textOnly = false) {
  const payloads = {
    text: Buffer.from('é 中文 😀'),
    empty: Buffer.alloc(0),
    ...(!textOnly && { bytes: Buffer.from([0xff, 0xfe, 0x00]) }),
  };
  return /** @type {const} */ ([0, 1, 2]).flatMap((qos) =>
    Object.entries(payloads).map(([name, payload]) => ({
      topic: `${topic}/${name}/${qos}`,
      payload,
      qos,
      retain: false,
    })),
  );
}

/** @param {Message} message @returns {Received} */
const received = ({ payload, ...message }) => ({ ...message, payload: payload.toString('hex') });

/** Leaves out what the other side does not tell. @param {Received[]} got */
const likeIn =
  ([first]) =>
  (/** @type {Received} */ expected) =>
    /** @type {Received} */ (
      Object.fromEntries(Object.entries(expected).filter(([key]) => first && key in first))
    );

/** @param {Received[]} messages */
const sorted = (messages) => [...messages].sort((a, b) => (a.topic < b.topic ? -1 : 1));

/**
 * @param {{ messages: () => Received[] | Promise<Received[]> }} side
 * @param {number} count
 */
async function untilMessages(side, count) {
  await until(`${count} messages`, async () => (await side.messages()).length >= count, {
    seen: () => side.messages(),
  });
  return side.messages();
}
