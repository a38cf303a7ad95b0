// @ts-check
// What a teacher sees of the class, and who else may see it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { zipSync } from 'fflate';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';
import { until } from '../e2e/support/wait.js';
import {
  Raw,
  connectPacket,
  get,
  joined,
  packet,
  publishPacket,
  subscribePacket,
  utf8,
} from './support/raw.js';

/** @typedef {{ name: string, state: string, way: string, rate: number, reasonCode?: number }} Tile */

const SB3 = zipSync({
  'a.svg': Buffer.from('<svg/>'),
  'project.json': Buffer.from('{"targets":[]}'),
});
const SPRITE = zipSync({ 'sprite.json': Buffer.from('{}') });
const ABOUT = { size: SB3.length, blocks: 3 };

/** @type {import('../../scripts/broker.mjs').Broker} */
let server;

before(async () => {
  await buildBroker();
  server = await startBroker({ host: '127.0.0.1', tcpPort: 0, webSocketPort: 0, pagesPort: 0 });
});
after(() => server.stop());

test('a board is seen from its first packet to its end, with what it sends', async () => {
  const events = await Class.open(server.pagesPort);
  const board = await Raw.open(server.tcpPort);
  board.send(connectPacket('board-1'));
  await events.until('board-1', (tile) => tile?.state === 'here' && tile.way === 'program');

  board.send(publishPacket('room/temperature', '21.5'));
  await events.until('board-1', (tile) => (tile?.rate ?? 0) > 0);
  const { messages } = await json('/class/client.json?board-1');
  assert.equal(messages[0].topic, 'room/temperature');
  assert.equal(messages[0].text, '21.5');

  board.end();
  await events.until('board-1', (tile) => tile?.state === 'gone');
  events.end();
});

test('two with one name are seen', async () => {
  const events = await Class.open(server.pagesPort);
  const boards = [];
  for (let round = 0; round < 6; round += 1) {
    const board = await Raw.open(server.tcpPort);
    board.send(connectPacket('twin'));
    await board.until((received) => received[0] === 0x20, 'CONNACK');
    boards.push(board);
  }

  await events.until('twin', (tile) => tile?.state === 'nameInUse');
  for (const board of boards) board.end();
  events.end();
});

test('a refused login is seen, with its code', async () => {
  const events = await Class.open(server.pagesPort);
  const board = await Raw.open(server.tcpPort);
  const login = Buffer.concat([utf8('stranger'), utf8('teacher'), utf8('wrong')]);
  board.send(packet(0x10, Buffer.concat([utf8('MQTT'), Buffer.from([4, 0xc2, 0, 60]), login])));

  const tile = await events.until('stranger', (one) => one?.state === 'refused');
  assert.ok(tile?.reasonCode === 4 || tile?.reasonCode === 5);
  board.end();
  events.end();
});

test('the last messages of all are a table', async () => {
  const board = await Raw.open(server.tcpPort);
  board.send(connectPacket('writer'));
  board.send(publishPacket('room/say', '=HYPERLINK("x")'));
  await board.until((received) => received[0] === 0x20, 'CONNACK');

  const line = /^\d+,"writer","room\/say",false,15,"'=HYPERLINK\(""x""\)"\r$/m;
  while (!line.test((await get(server.pagesPort, '/class/messages.csv')).body));
  board.end();
});

test('who is not here is forgotten when the teacher says so', async () => {
  const events = await Class.open(server.pagesPort);
  const board = await Raw.open(server.tcpPort);
  board.send(connectPacket('passing'));
  await events.until('passing', (tile) => tile?.state === 'here');
  board.end();
  await events.until('passing', (tile) => tile?.state === 'gone');

  assert.equal(await post('/class/forget'), 200);
  await events.until('passing', (tile) => tile === undefined);
  events.end();
});

test('everybody reads the groups that the teacher named', async () => {
  const names = ['Rot', '绿组'];
  assert.equal(await post('/class/groups', {}, JSON.stringify(names)), 200);
  const { body } = await get(server.pagesPort, '/groups.json');
  assert.deepEqual(JSON.parse(body), names);

  for (const wrong of ['["a/b"]', '["$SYS"]', '[1]', '', `["${'a'.repeat(5000)}"]`]) {
    assert.equal(await post('/class/groups', {}, wrong), 400, wrong.slice(0, 20));
  }
  assert.deepEqual(JSON.parse((await get(server.pagesPort, '/groups.json')).body), names);
  assert.equal(await post('/class/new-lesson'), 200);
  assert.equal((await get(server.pagesPort, '/groups.json')).body, '[]');
});

test('the teacher clears kept messages by their topics, and everybody sees that', async () => {
  const board = await joined(server.tcpPort, 'keeps');
  const topics = ['kept/a', 'kept/b/c', 'kept/b/d'];
  for (const topic of topics) board.send(publishPacket(topic, 'x', true));
  board.send(subscribePacket(['kept/#']));
  await board.until((received) => topics.every((topic) => received.includes(topic)), 'all');
  const { length } = board.received;

  assert.deepEqual(await clearKept('kept/b/+'), { status: 200, cleared: 2 });
  await board.until(
    (received) => topics.slice(1).every((topic) => received.includes(topic, length)),
    'an empty message on each',
  );
  assert.deepEqual(await clearKept('kept/b/+'), { status: 200, cleared: 0 });
  for (const wrong of ['kept/#/b', 'kept+', '$share/group/kept/#', 'a'.repeat(5000)]) {
    assert.equal((await clearKept(wrong)).status, 400, wrong.slice(0, 20));
  }
  assert.deepEqual(await clearKept(''), { status: 200, cleared: 1 });
  board.end();
});

test('a new lesson says what it cleared', async () => {
  const board = await joined(server.tcpPort, 'keeps');
  board.send(publishPacket('kept/a', 'x', true));
  board.send(subscribePacket(['kept/#']));
  await board.until((received) => received.includes('kept/a'), 'what is kept');
  assert.equal(await post('/class/groups', {}, '["Red","Blue"]'), 200);

  const { body } = await asked('/class/new-lesson');
  assert.deepEqual(JSON.parse(body), { kept: 1, groups: 2, project: false });
  board.end();
});

test('a new lesson begins also where the page that asked for it is gone', async () => {
  assert.equal(await post('/class/groups', {}, '["Red"]'), 200);
  const page = await Raw.open(server.pagesPort);

  page.send('POST /class/new-lesson HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n');
  page.socket.end();
  await page.closed;

  const groups = async () => (await get(server.pagesPort, '/groups.json')).body;
  await until('no groups', async () => (await groups()) === '[]', { seen: groups });
});

test('the project of the lesson is the file that the teacher gave, until there is another', async () => {
  assert.equal((await get(server.pagesPort, '/lesson.sb3')).status, 404);
  const given = await give('blocks=3&name=r%C3%A4ume.sb3', SB3);
  const first = JSON.parse(given.body);
  assert.deepEqual({ ...first, address: '' }, { ...ABOUT, name: 'räume.sb3', address: '' });

  const { project, most } = await json('/lesson.json');
  assert.deepEqual(project, first);
  const file = await get(server.pagesPort, `/${project.address}`);
  const whole = await fetch(`http://127.0.0.1:${server.pagesPort}/${project.address}`);
  assert.deepEqual(new Uint8Array(await whole.arrayBuffer()), SB3);
  assert.equal(file.headers['content-type'], 'application/x.scratch.sb3');
  assert.equal(file.headers['cross-origin-resource-policy'], 'same-origin');
  assert.match(String(file.headers['content-disposition']), /^attachment/);

  const second = JSON.parse((await give('blocks=3&name=b.sb3', SB3)).body);
  assert.notEqual(second.address, first.address);
  assert.equal((await json('/lesson.json')).most, most);
  assert.deepEqual(JSON.parse((await asked('/class/remove-project')).body), { removed: true });
  assert.deepEqual(JSON.parse((await asked('/class/remove-project')).body), { removed: false });
  assert.equal((await json('/lesson.json')).project, null);
});

test('what is no project is refused with a sentence, and the one before stays', async () => {
  await give('name=good.sb3', SB3);
  for (const wrong of ['', 'PK', 'hello', '{"targets":[]}', SB3.subarray(0, 60), SPRITE]) {
    const { status, body } = await give('name=bad.sb3', wrong);
    assert.equal(status, 400);
    assert.match(body, /no project of Scratch 3/);
  }
  assert.equal((await json('/lesson.json')).project.name, 'good.sb3');
});

test('a file that is too large is refused before it comes', async () => {
  const { most } = await json('/lesson.json');
  const raw = await Raw.open(server.pagesPort);
  const head = `POST /class/project HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${most + 1}\r\n\r\nPK`;

  raw.send(head);

  await raw.until((received) => received.includes('at most 50 MB'), 'the sentence');
  assert.match(String(raw.received), /^HTTP\/1\.1 413 /);
  raw.end();
});

test('a program that is started again in the lesson has its project, a new lesson has none', async () => {
  const store = mkdtempSync(join(tmpdir(), 'scratch-mqtt-project-'));
  const places = { host: '127.0.0.1', tcpPort: 0, webSocketPort: 0, pagesPort: 0, store };
  const first = await startBroker(places);
  await give('blocks=3&name=a.sb3', SB3, first);
  process.kill(first.pid, 'SIGKILL');
  await first.ended;

  const again = await startBroker(places);
  assert.equal((await json('/lesson.json', again)).project.name, 'a.sb3');
  const { body } = await asked('/class/new-lesson', {}, undefined, again);
  assert.deepEqual(JSON.parse(body), { kept: 0, groups: 0, project: true });
  assert.equal((await json('/lesson.json', again)).project, null);
  assert.equal((await get(again.pagesPort, '/lesson.sb3')).status, 404);
  again.stop();
  await again.ended;
  rmSync(store, { recursive: true });
});

for (const [who, headers] of /** @type {const} */ ([
  ['a page of an editor', { Origin: 'https://turbowarp.org' }],
  ['a page of another port', { Origin: 'http://localhost:1' }],
  ['somebody behind a proxy', { 'X-Forwarded-For': '203.0.113.7' }],
])) {
  test(`${who} does not see the class, and forgets nobody`, async () => {
    const host = { Host: `localhost:${server.pagesPort}` };
    for (const path of ['/class', '/class/events', '/class/where.json', '/class/messages.csv']) {
      assert.equal((await get(server.pagesPort, path, { ...host, ...headers })).status, 403, path);
    }
    assert.equal(await post('/class/forget', headers), 403);
    assert.equal(await post('/class/groups', headers, '["x"]'), 403);
    assert.equal(await post('/class/clear-kept', headers, '#'), 403);
    assert.equal(await post('/class/pause', headers), 403);
    assert.equal(await post('/class/project', headers, SB3), 403);
    assert.equal(await post('/class/remove-project', headers), 403);
  });
}

/** @param {string} path @param {{ pagesPort: number }} [of] */
async function json(path, of = server) {
  return JSON.parse((await get(of.pagesPort, path)).body);
}

/** @param {string} query @param {string | Uint8Array} body @param {{ pagesPort: number }} [to] */
const give = (query, body, to = server) => asked(`/class/project?${query}`, {}, body, to);

/** @param {string} path @param {Record<string, string>} [headers] @param {string | Uint8Array} [body] */
async function post(path, headers, body) {
  return (await asked(path, headers, body)).status;
}

/**
 * @param {string} path
 * @param {Record<string, string>} [headers]
 * @param {string | Uint8Array} [body]
 * @param {{ pagesPort: number }} [to]
 */
async function asked(path, headers, body, { pagesPort: port } = server) {
  const sent = request({ host: '127.0.0.1', port, path, headers, method: 'POST', agent: false });
  sent.end(body);
  const [response] = await once(sent, 'response');
  return { status: response.statusCode, body: await text(response) };
}

/** @param {string} filter */
async function clearKept(filter) {
  const { status, body } = await asked('/class/clear-kept', {}, filter);
  return status === 200 ? { status, ...JSON.parse(body) } : { status };
}

/** What the class page hears. */
class Class {
  /** @private @type {Tile[]} */
  tiles = [];
  /** @private @type {Set<() => void>} */
  waiting = new Set();

  /** @private @param {import('node:http').IncomingMessage} response */
  constructor(response) {
    this.response = response;
    let begun = '';
    response.setEncoding('utf8').on('data', (piece) => {
      begun += piece;
      const events = begun.split('\n\n');
      begun = events.pop() ?? '';
      const last = events.findLast((event) => event.startsWith('data: '));
      if (last !== undefined) this.tiles = JSON.parse(last.slice('data: '.length));
      for (const look of this.waiting) look();
    });
    response.on('error', () => {});
  }

  /** @param {number} port */
  static async open(port) {
    const opened = request({ host: '127.0.0.1', port, path: '/class/events', agent: false });
    opened.end();
    const [response] = await once(opened, 'response');
    assert.equal(response.headers['content-type'], 'text/event-stream');
    return new Class(response);
  }

  /**
   * @param {string} name
   * @param {(tile: Tile | undefined) => boolean} condition
   * @returns {Promise<Tile | undefined>} its tile, when that is so
   */
  until(name, condition) {
    return new Promise((resolve) => {
      const look = () => {
        const tile = this.tiles.find((one) => one.name === name);
        if (!condition(tile)) return;
        this.waiting.delete(look);
        resolve(tile);
      };
      this.waiting.add(look);
      look();
    });
  }

  end() {
    this.response.destroy();
  }
}
