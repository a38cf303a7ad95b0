// @ts-check
/** A user name and a password, given in every way: they reach the broker, and nobody else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import {
  add,
  connect,
  connectionInfo,
  lastError,
  login,
  set,
  status,
  whenFlag,
} from '../support/blocks.js';
import { makeProject } from '../support/project.js';
import { kept, listenTo, monitorsOf } from '../support/secrets.js';
import { until } from '../support/wait.js';

/** @typedef {import('../support/stage.js').Stage} Stage */

/** How often the broker refuses a login here: once for each test. */
export const REFUSALS = 3;

const NAME = 'zqxname';
const WORD = 'zqxword';
const LOGIN = `${NAME}:${WORD}`;

/** What "of connection" can say. */
const FACTS = ['broker', 'client name', 'answer time in ms', 'sent', 'received', 'waiting'];

/** Addresses of every kind, with a login: refused, unreachable, and wrong in each part. @param {string} wss */
const addressesOf = (wss) => [
  wss.replace('//', `//${LOGIN}@`),
  `wss://${LOGIN}@localhost:1`,
  `wss://${LOGIN}@localhost:99999`,
  `wss://${LOGIN}@localhost:1883`,
  `http://${LOGIN}@localhost`,
  `${LOGIN}@`,
  `mqtt://${LOGIN}@localhost`,
  `wss://${LOGIN}@local host`,
  `wss://${LOGIN}@localhost/#/${LOGIN}@`,
];

/** @param {import('../support/blocks.js').Block[][]} ways to connect, one after the other */
const projectOf = (ways) =>
  makeProject({
    monitors: ['status', 'lastError', 'messagePayload'].map((opcode) => `scratchmqtt_${opcode}`),
    sprites: {
      Cat: {
        variables: { done: 'no' },
        lists: { said: [] },
        scripts: [
          [
            whenFlag(),
            ...ways.flatMap((way) => [
              ...way,
              add(status(), 'said'),
              add(lastError(), 'said'),
              ...FACTS.map((fact) => add(connectionInfo(fact), 'said')),
            ]),
            set('done', 'yes'),
          ],
        ],
      },
    },
  });

/** @param {Stage} stage */
export function credentials(stage) {
  /** @param {Buffer} file */
  const playAndSearch = async (file) => {
    const { bench, editor } = stage;
    const said = listenTo(editor.page);
    await editor.addExtension(bench.extensionUrl);
    await editor.loadProject(file);
    const before = bench.broker.refusals;

    await editor.greenFlag();
    await editor.untilVariable('Cat', 'done', /yes/, 60_000);
    assert.ok(bench.broker.refusals > before, 'the login has reached the broker');
    const monitors = await until('the monitors to say something', async () => {
      const text = await monitorsOf(editor.page);
      return /refused|address/.test(text) ? text : undefined;
    });

    const list = await editor.list('Cat', 'said');
    assert.ok(String(list).includes('localhost'));
    for (const [where, text] of Object.entries({
      'the reporters': String(list),
      'the monitors': monitors,
      'the console and the errors': said(),
      'what the page keeps': await kept(editor.page),
    })) {
      assert.doesNotMatch(text, /zqx/, where);
    }
    return editor.saveProject();
  };

  test('a login in an address is sent to nobody but the broker', async () => {
    const { broker } = stage;
    const ways = addressesOf(broker.wss).map((address) => [connect(address)]);

    const file = await playAndSearch(projectOf(ways));

    assert.doesNotMatch(withoutSlotsOf('scratchmqtt_connect', file), /zqx/);
  });

  test('a login in the log in block is sent to nobody but the broker', async () => {
    const { broker } = stage;

    const file = await playAndSearch(projectOf([[login(NAME, WORD), connect(broker.wss)]]));

    assert.doesNotMatch(withoutSlotsOf('scratchmqtt_login', file), /zqx/);
  });

  test('a login of this computer is sent to nobody but the broker, and is in no project', async () => {
    const { broker, editor } = stage;
    await editor.page.evaluate(
      ([place, name, word]) =>
        sessionStorage.setItem(
          'scratchmqtt.logins',
          JSON.stringify([[place, { username: name, password: word }]]),
        ),
      [new URL(broker.wss).origin, NAME, WORD],
    );

    const file = await playAndSearch(projectOf([[connect(broker.wss)]]));

    await editor.page.evaluate(() => sessionStorage.clear());
    assert.doesNotMatch(withoutSlotsOf('', file), /zqx/);
  });
}

/**
 * The project.json, without what somebody wrote into a kind of block: that is saved, of course.
 *
 * @param {string} opcode
 * @param {Buffer} sb3
 */
function withoutSlotsOf(opcode, sb3) {
  const json = strFromU8(unzipSync(sb3)['project.json'] ?? new Uint8Array());
  return JSON.stringify(
    JSON.parse(json, (_key, value) => (value?.opcode === opcode ? { opcode } : value)),
  );
}
