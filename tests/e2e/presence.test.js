// @ts-check
/** Who is here: projects in several tabs and editors, and a board, at two brokers. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import mqtt from 'mqtt';
import { startBroker } from '../../scripts/broker.mjs';
import {
  connect,
  forever,
  payload,
  say,
  set,
  whenClicked,
  whenFlag,
  whenMessage,
} from './support/blocks.js';
import { openBench } from './support/bench.js';
import { ours } from './support/examples.js';
import { officialEditor } from './support/editors/official-editor.js';
import { turbowarp } from './support/editors/turbowarp.js';
import { PASSWORD, USER } from './support/mosquitto.js';
import { LOOPBACK } from './support/ports.js';
import { makeProject } from './support/project.js';
import { until } from './support/wait.js';

/** @typedef {import('./support/editors/editor.js').Editor} Editor */

/** @type {import('./support/bench.js').Bench} */
let bench;
/** The broker of a class server. @type {import('../../scripts/broker.mjs').Broker} */
let server;
/** @type {Editor[]} */
let editors = [];

before(async () => {
  bench = await openBench();
  const free = { host: LOOPBACK, tcpPort: 0, webSocketPort: 0, pagesPort: 0 };
  server = bench.cleanup.add(await startBroker(free), (it) => it.stop());
});
after(() => bench?.cleanup.run());
afterEach(async () => {
  for (const editor of editors) {
    if (!editor.page.isClosed()) await editor.close();
    assert.deepEqual(editor.errors, []);
  }
  editors = [];
});

const LOGIN = { username: USER, password: PASSWORD };
/** Whoever has none. */
const NOBODY = { username: '', password: '' };

/** Where pupils go, one after the other. */
const ROOMS = ['6b', '6c', '6d', '6e', '6f', '6g', '6h', '6i'];

/** @param {string} name */
const announce = (name) => ours('announce', { NAME: name });

/**
 * Somebody who says who is here all the time.
 *
 * @param {string} broker
 * @param {string} name
 * @param {Editor} editor
 * @param {{ username: string, password: string }} [who]
 */
async function pupil(broker, name, editor, who = LOGIN) {
  editors.push(editor);
  const sprites = {
    Cat: {
      lists: { names: [], seen: [] },
      variables: { isHere: '' },
      scripts: [
        [
          whenFlag(),
          ours('login', { USER: who.username, PASSWORD: who.password }),
          ours('setRoom', { ROOM: '6b' }),
          connect(broker),
          announce(name),
          forever(say(ours('whoIsHere')), set('isHere', ours('isHere', { NAME: 'Ben' }))),
        ],
        [whenClicked(), ours('whoIsHereToList', { LIST: 'names' })],
        [whenMessage('go'), ours('setRoom', { ROOM: payload() })],
        [whenMessage('end'), ours('disconnect')],
      ],
    },
  };
  await editor.loadProject(makeProject({ extensionUrl: bench.extensionUrl, sprites }));
  await editor.greenFlag();
  return editor;
}

/** @param {Editor} editor @param {string} names */
const untilHere = (editor, names) =>
  until(`${names} to be here`, async () => (await editor.said('Cat')) === names, {
    seen: () => editor.said('Cat'),
  });

const openOfficial = async () => officialEditor(await bench.browser.newPage(), bench);

for (const [
  kind,
  addresses,
] of /** @type {[string, () => { web: string, tcp: string, login: typeof LOGIN }][]} */ ([
  [
    'a broker that speaks 5.0',
    () => ({
      web: bench.broker.wss,
      tcp: `mqtt://${LOOPBACK}:${bench.broker.ports.tcp}`,
      login: LOGIN,
    }),
  ],
  [
    'a class server',
    () => ({
      web: `ws://localhost:${server.webSocketPort}/mqtt`,
      tcp: `mqtt://${LOOPBACK}:${server.tcpPort}`,
      login: NOBODY,
    }),
  ],
])) {
  test(`at ${kind} pupils and a board see who comes, who leaves and who is gone`, async () => {
    const { web, tcp, login } = addresses();
    const ada = await pupil(web, 'Ada', await openOfficial(), login);
    const ben = await pupil(web, 'Ben', await openOfficial(), login);
    const zoe = await pupil(
      web,
      'Zoe',
      await turbowarp(await bench.browser.newPage(), bench),
      login,
    );
    await untilHere(ada, 'Ada, Ben, Zoe');
    await untilHere(ben, 'Ada, Ben, Zoe');
    await ada.untilVariable('Cat', 'isHere', /^true$/);

    const status = '6b/board-1/status';
    const will = {
      topic: status,
      payload: Buffer.from('offline'),
      qos: /** @type {1} */ (1),
      retain: true,
    };
    const board = await mqtt.connectAsync(tcp, { ...login, will, reconnectPeriod: 0 });
    await board.publishAsync(status, 'online', { retain: true });
    for (const editor of [ada, ben, zoe]) await untilHere(editor, 'Ada, Ben, board-1, Zoe');
    await zoe.click('Cat');
    assert.deepEqual(await zoe.untilLength('Cat', 'names', 4), ['Ada', 'Ben', 'board-1', 'Zoe']);

    // A tab is closed, a board loses its power, a script disconnects, another goes into the next room.
    await ben.page.close();
    await untilHere(ada, 'Ada, board-1, Zoe');
    await ada.untilVariable('Cat', 'isHere', /^false$/);
    board.stream.destroy();
    await untilHere(ada, 'Ada, Zoe');
    const teacher = await mqtt.connectAsync(tcp, login);
    bench.cleanup.add(teacher, (it) => it.endAsync());
    /** @type {Record<string, string>} */
    const expected = { '6b/Ben/status': 'offline', '6b/board-1/status': 'offline' };
    // Again and again: a broker may notice the next connection before the end of the one before.
    for (const [index, room] of ROOMS.entries()) {
      if (index > 0) await teacher.publishAsync(`${ROOMS[index - 1]}/go`, room);
      for (const name of ['Ada', 'Zoe']) {
        if (index > 0) expected[`${ROOMS[index - 1]}/${name}/status`] = 'offline';
        expected[`${room}/${name}/status`] = 'online';
      }
      let kept = {};
      await until(
        `two to be in room ${room} alone`,
        async () => isDeepStrictEqual((kept = await keptOn(teacher, '+/+/status')), expected),
        { seen: () => kept },
      );
    }
    for (const editor of [ada, zoe]) await untilHere(editor, 'Ada, Zoe');

    await teacher.publishAsync(`${ROOMS.at(-1)}/end`, '');

    await untilHere(ada, '');
    await until('all to be gone', async () => {
      const left = await keptOn(teacher, `${ROOMS.at(-1)}/+/status`);
      return Object.values(left).every((one) => one === 'offline');
    });
  });
}

test('a name stays here when another one with it leaves', async () => {
  const { wss } = bench.broker;
  const [first, second, third] = [await openOfficial(), await openOfficial(), await openOfficial()];
  await pupil(wss, 'Ann', first);
  await pupil(wss, 'Ann', second);
  await pupil(wss, 'Zed', third);
  // The second one too: who has not connected yet leaves without a last will.
  for (const one of [first, second, third]) await untilHere(one, 'Ann, Zed');
  const published = bench.native.texts('6b/Ann/status').length;
  await bench.native.subscribe('6b/Ann/status');

  await second.page.close();

  await bench.native.untilTexts('6b/Ann/status', published + 3);
  assert.deepEqual(bench.native.texts('6b/Ann/status').slice(-2), ['offline', 'online']);
  await untilHere(third, 'Ann, Zed');
});

for (const [name, open] of /** @type {[string, () => Promise<Editor>][]} */ ([
  ['the official editor', openOfficial],
  ['TurboWarp', async () => turbowarp(await bench.browser.newPage(), bench)],
])) {
  test(`in ${name} the last messages become a list, and lists travel as JSON`, async () => {
    const editor = await open();
    editors.push(editor);
    const sprites = {
      Cat: {
        lists: { values: ['old'], copy: ['old'] },
        variables: { error: '' },
        scripts: [
          [whenFlag(), ours('login', { USER, PASSWORD }), connect(bench.broker.wss)],
          [
            whenMessage('sensor'),
            ours('lastMessagesToList', { N: 3, TOPIC: 'sensor', LIST: 'values' }),
            ours('publish', { MESSAGE: ours('listToJson', { LIST: 'values' }), TOPIC: 'curve' }),
          ],
          [
            whenMessage('curve'),
            ours('jsonToList', { JSON: payload(), LIST: 'copy' }),
            ours('jsonToList', { JSON: 'no list', LIST: 'copy' }),
            set('error', ours('lastError')),
          ],
        ],
      },
    };
    await editor.loadProject(makeProject({ extensionUrl: bench.extensionUrl, sprites }));
    await editor.greenFlag();
    await bench.native.subscribe('curve');
    const earlier = bench.native.texts('curve').length;
    await until('the script to hear', async () => {
      await bench.native.publish('sensor', '1');
      return bench.native.texts('curve').length > earlier;
    });

    for (const value of ['20.50', 'hot', '{"temp":3}']) await bench.native.publish('sensor', value);

    await until('the newest values', () =>
      bench.native.texts('curve').includes('[20.50,"hot",{"temp":3}]'),
    );
    await editor.untilVariable('Cat', 'error', /not a JSON list/);
    await until(
      'the copy',
      async () => (await editor.list('Cat', 'copy')).join('|') === '20.5|hot|{"temp":3}',
      { seen: () => editor.list('Cat', 'copy') },
    );
    assert.deepEqual(await editor.list('Cat', 'values'), ['20.50', 'hot', '{"temp":3}']);
  });
}

/** What is kept, by topic. @param {import('mqtt').MqttClient} client @param {string} filter */
async function keptOn(client, filter) {
  /** @type {Record<string, string>} */
  const kept = {};
  const receive = (/** @type {string} */ topic, /** @type {Buffer} */ bytes) => {
    kept[topic] = String(bytes);
  };
  client.on('message', receive);
  await client.subscribeAsync(filter);
  // What is kept comes before what is published after the subscription.
  await client.subscribeAsync('a/round');
  await new Promise((resolve) => {
    client.on('message', (topic) => topic === 'a/round' && resolve(undefined));
    client.publish('a/round', '');
  });
  client.off('message', receive);
  await client.unsubscribeAsync([filter, 'a/round']);
  delete kept['a/round'];
  return kept;
}
