// @ts-check
/**
 * All programs of `examples/` at the same time, with the server of the class and a project in real Scratch: what happens to
 * each while the lesson goes on. The figures are in docs/boards/README.md.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import mqtt from 'mqtt';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';
import { ensureEditor } from '../../scripts/editor.mjs';
import {
  add,
  connect,
  join as joined,
  payload,
  publish,
  topic,
  whenClicked,
  whenFlag,
  whenMessage,
} from './support/blocks.js';
import { boardKinds } from './support/boards.js';
import { launchBrowser } from './support/browser.js';
import { makeCertificates } from './support/certificates.js';
import { Cleanup } from './support/cleanup.js';
import { officialEditor } from './support/editors/official-editor.js';
import { uniqueTopic } from './support/names.js';
import { LOOPBACK, freePorts } from './support/ports.js';
import { makeProject } from './support/project.js';
import { RoughLink } from './support/rough-link.js';
import { ensureUmqtt } from './support/umqtt.js';
import { until } from './support/wait.js';

/** In seconds, as short as a busy computer and the tools of mosquitto allow. All else is as the programs have it. */
const SETTINGS = { KEEP_ALIVE: 5, SENSOR_EVERY: 1, USER: 'guest', PASSWORD: 'test' };
/** More than the buffer of any board. */
const LONG = 'x'.repeat(20_000);
/** How long all may take to be back, in milliseconds. */
const PATIENCE_MS = 30_000;
/** Between two rounds of presses and lights, longer than a button pauses. */
const ROUND_MS = 400;

const cleanup = new Cleanup();
const base = uniqueTopic('boards');
const stored = mkdtempSync(join(tmpdir(), 'scratch-mqtt-boards-'));
/** @type {Record<'tcpPort' | 'webSocketPort' | 'pagesPort', number>} */
let ports;
/** @type {import('../../scripts/broker.mjs').Broker} */
let server;
/** The Wi-Fi of the boards. @type {RoughLink} */
let wifi;
/** @type {import('./support/editors/official-editor.js').OfficialEditor} */
let scratch;
/** @type {Board[]} */
let boards;
/** Those that say how they are. @type {Board[]} */
let programs;

/** One program that runs. */
class Board {
  /** @param {import('./support/boards.js').BoardKind} kind @param {string} [chip] */
  constructor(kind, chip = randomChip()) {
    this.kind = kind;
    this.name = kind.name;
    this.chip = chip;
    this.topic = `${base}/${kind.name}`;
    const place = { BROKER: LOOPBACK, PORT: wifi.port, NAME: kind.name, TOPIC: this.topic };
    const folder = join(stored, `${kind.name}-${chip}`);
    this.program = kind.start({ folder, chip, settings: { ...place, ...SETTINGS } });
    cleanup.add(this.program, (it) => it.end('SIGKILL'));
  }

  press() {
    this.program.write('press\n');
  }

  /** How often a line of its output begins so. @param {string} start */
  said(start) {
    assert(this.program.isRunning, `${this.name} ended: ${this.program.output.slice(-1000)}`);
    return this.program.output.split('\n').filter((line) => line.startsWith(start)).length;
  }
}

before(async () => {
  ensureUmqtt();
  await Promise.all([buildBroker(), ensureEditor()]);
  cleanup.add(stored, (path) => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  const [tcpPort = 0, webSocketPort = 0, pagesPort = 0] = await freePorts(3);
  ports = { tcpPort, webSocketPort, pagesPort };
  await startServer();
  cleanup.add(null, () => server.stop());
  wifi = cleanup.add(await RoughLink.open(tcpPort), (it) => it.close());
  boards = boardKinds.map((kind) => new Board(kind));
  programs = boards.filter(({ kind }) => !kind.isCommand);
  scratch = await openScratch();
});
after(async () => {
  await scratch?.close();
  await cleanup.run();
});

test('a press of each comes to Scratch, and a light of Scratch to each', async (t) => {
  await bothWays(t, 'start');
  await until('a sensor of each', async () => {
    const seen = await scratch.list('Cat', 'sensor');
    return programs.every((board) => seen.includes(`${board.topic}/sensor`));
  });
  await untilStatus('online');
});

test('a button that bounces is one press', async () => {
  const earlier = await presses();

  for (const board of programs) board.program.write('press\npress\npress\n');

  await until('a press of each', async () => {
    const now = await presses();
    return programs.every(({ name }) => count(now, name) > count(earlier, name));
  });
  const sensors = (await scratch.list('Cat', 'sensor')).length;
  await until('some time', async () => {
    const seen = (await scratch.list('Cat', 'sensor')).slice(sensors);
    return programs.every((board) => count(seen, `${board.topic}/sensor`) >= 2);
  });
  const now = await presses();
  const counts = programs.map(({ name }) => [name, count(now, name) - count(earlier, name)]);
  assert.deepEqual(
    counts,
    programs.map(({ name }) => [name, 1]),
  );
});

for (const [how, options] of /** @type {const} */ ([
  ['that remembers them', { store: stored }],
  ['that has forgotten them', {}],
]))
  test(`all come back to a server ${how}`, async (t) => {
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    await untilEach('to see that the server is gone', (board) => board.said('not connected'));
    await startServer(options);
    await bothWays(t, `server ${how}`);
  });

test('all see that the network is gone, and come back with it', async (t) => {
  const seen = marks('not connected');
  wifi.stall();
  await untilEach('to see it', (board) => board.said('not connected') > (seen.get(board) ?? 0));
  await untilStatus('offline');
  wifi.calm();
  await bothWays(t, 'network');
  await untilStatus('online');
});

test('all come back when a second board with the same name is gone', async (t) => {
  const twins = boards.filter(({ kind }) => kind.hasChip);
  const seen = marks('not connected');
  const others = twins.map(({ kind, chip }) => new Board(kind, chip));
  await until(
    'the names to fight',
    () => twins.every((board) => board.said('not connected') >= (seen.get(board) ?? 0) + 2),
    { withinMs: PATIENCE_MS, seen: () => twins.map((board) => board.program.output.slice(-200)) },
  );
  await Promise.all(others.map((board) => board.program.end('SIGKILL')));
  await bothWays(t, 'name');
});

test('a message that is too long keeps none away', async (t) => {
  const client = await mqtt.connectAsync(`mqtt://${LOOPBACK}:${ports.tcpPort}`);
  cleanup.add(client, (it) => it.endAsync(true));
  const send = (/** @type {string} */ text, retain = true) =>
    Promise.all(
      boards.map((board) => client.publishAsync(`${board.topic}/led`, text, { qos: 1, retain })),
    );
  const strong = programs.filter(({ kind }) => !kind.endsAtLong);
  const lost = marks('not connected');
  await send(LONG, false);
  await bothWays(t, 'long message');
  for (const board of strong)
    assert.equal(board.said('not connected'), lost.get(board), board.name);

  await send(LONG);
  const seen = marks('connected');
  wifi.cut();
  await untilEach('to come back', (board) => board.said('connected') > (seen.get(board) ?? 0));
  await bothWays(
    t,
    'long kept message',
    boards.filter(({ kind }) => !kind.endsAtLong),
  );
  await send('');
  await bothWays(t, 'long message that was kept');
});

/** @param {{ store?: string }} [options] */
async function startServer(options = { store: stored }) {
  const store = options.store && join(options.store, 'store');
  server = await startBroker({ host: LOOPBACK, ...ports, ...(store && { store }) });
}

/** The partner project: hears all, and two sprites that are clicked put the lights on and off. */
async function openScratch() {
  const folder = join(stored, 'browser');
  const { ca } = makeCertificates(join(stored, 'certificates'), ['localhost']);
  const browser = cleanup.add(await launchBrowser({ folder, ca, hosts: {} }), (it) => it.close());
  const start = `http://localhost:${ports.pagesPort}`;
  const editor = await officialEditor(await browser.newPage(), { start });
  const lights = (/** @type {string} */ text) => [
    [whenClicked(), ...boards.map((board) => publish(text, `${board.topic}/led`))],
  ];
  const sprites = {
    Cat: {
      lists: { pressed: [], sensor: [], status: [] },
      scripts: [
        [whenFlag(), connect(`ws://localhost:${ports.webSocketPort}/mqtt`)],
        [whenMessage(`${base}/+/button`), add(joined(topic(), joined(' ', payload())), 'pressed')],
        [whenMessage(`${base}/+/sensor`), add(topic(), 'sensor')],
        [whenMessage(`${base}/+/status`), add(joined(topic(), joined(' ', payload())), 'status')],
      ],
    },
    On: { scripts: lights('on') },
    Off: { scripts: lights('off') },
  };
  await editor.loadProject(makeProject({ sprites }));
  await editor.greenFlag();
  return editor;
}

/**
 * Presses every button and switches every light until each has done both since now, and tells how long that took.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} what
 * @param {Board[]} [of]
 */
async function bothWays(t, what, of = boards) {
  const since = Date.now();
  const pressed = await presses();
  const lit = marks('led');
  /** @type {Map<string, string>} */
  const took = new Map();
  const missing = () => of.filter(({ name }) => !took.has(name));
  let isOn = false;
  await until(
    'both directions',
    async () => {
      const now = await presses();
      for (const board of missing()) {
        const hears = board.said('led') > (lit.get(board) ?? 0);
        if (hears && count(now, board.name) > count(pressed, board.name))
          took.set(board.name, ((Date.now() - since) / 1000).toFixed(1));
        else board.press();
      }
      if (missing().length === 0) return true;
      isOn = !isOn;
      await scratch.click(isOn ? 'On' : 'Off');
      await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
      return false;
    },
    {
      withinMs: PATIENCE_MS,
      seen: () => missing().map(({ name, program }) => [name, program.output.slice(-600)]),
    },
  );
  t.diagnostic(`${what}: ${[...took].map((pair) => pair.join(' ')).join(', ')} s`);
}

/** Whose button was pressed, as Scratch has heard it. */
async function presses() {
  const heard = await scratch.list('Cat', 'pressed');
  return heard.map((line) => /([^/]+)\/button pressed$/.exec(String(line))?.[1] ?? line);
}

/** @param {unknown[]} list @param {unknown} one */
const count = (list, one) => list.filter((other) => other === one).length;

/** What each has said so far. @param {string} start */
const marks = (start) => new Map(boards.map((board) => [board, board.said(start)]));

/** @param {string} what @param {(board: Board) => unknown} condition */
function untilEach(what, condition) {
  return until(`each ${what}`, () => programs.every(condition), {
    withinMs: PATIENCE_MS,
    seen: () =>
      programs
        .filter((board) => !condition(board))
        .map((board) => [board.name, board.program.output.slice(-400)]),
  });
}

/** Until Scratch has heard this of each last. @param {'online' | 'offline'} status */
function untilStatus(status) {
  const last = async () => {
    const heard = (await scratch.list('Cat', 'status')).map(String);
    return programs.map((board) => heard.findLast((line) => line.startsWith(`${board.topic}/`)));
  };
  return until(
    `each to be ${status}`,
    async () => (await last()).every((line) => line?.endsWith(` ${status}`)),
    { withinMs: PATIENCE_MS, seen: last },
  );
}

function randomChip() {
  return uniqueTopic('').slice(-12);
}
