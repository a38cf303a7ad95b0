// @ts-check
// The class server as a person starts it, and not `npm start`.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { buildBroker, program, startBroker } from '../../scripts/broker.mjs';
import { root } from '../../scripts/run.mjs';

const HERE = '127.0.0.1';
const ANY = `${HERE}:0`;
/** Where a system without a folder of its own for such things has one. @type {string} */
let home;

before(async () => {
  await buildBroker();
  home = mkdtempSync(join(tmpdir(), 'scratch-mqtt-desk-'));
});
after(() => rmSync(home, { recursive: true, force: true }));

/** @param {string[]} places @param {Record<string, string>} [env] */
async function atDesk(places, env = { HOME: home, XDG_CACHE_HOME: join(home, 'cache') }) {
  const args = [...places, '--root', root, '--desk', '--no-browser'];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  after(() => child.kill());
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return {
    page: String(line).replace('The class page: ', ''),
    said: () => said,
    ended: once(child, 'exit'),
  };
}

/** @param {string} page @param {string} what @param {Record<string, string>} [headers] */
const post = (page, what, headers = {}) => fetch(`${page}/${what}`, { method: 'POST', headers });

test('it says where its page is, keeps the lesson for its user, and ends when its page says so', async () => {
  const { page, ended } = await atDesk([ANY, ANY, '--pages', ANY]);

  const where = await (await fetch(`${page}/where.json`)).json();
  assert.equal(where.desk, 'closed');
  assert.match(where.word, /^[a-z]+-[a-z]+$/);
  assert.equal((await post(page, 'open')).status, 200);
  assert.equal((await (await fetch(`${page}/where.json`)).json()).desk, 'open');
  assert.equal(readdirSync(join(home, 'cache', 'scratch-mqtt', 'lesson')).length, 1);
  assert.equal((await post(page, 'end')).status, 200);

  assert.deepEqual(await ended, [0, null]);
});

test('only its own page decides', async () => {
  const { page, ended } = await atDesk([ANY, ANY, '--pages', ANY]);

  for (const origin of ['https://turbowarp.org', 'http://localhost:1', 'null']) {
    for (const what of ['open', 'end']) {
      assert.equal((await post(page, what, { origin })).status, 403, `${what} by ${origin}`);
    }
  }
  assert.equal((await (await fetch(`${page}/where.json`)).json()).desk, 'closed');
  await post(page, 'end');
  await ended;
});

test('ports of other programs are left to them, and that is said', async () => {
  const other = createServer().listen(0, HERE);
  await once(other, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (other.address());
  const taken = `${HERE}:${port}`;

  const { page, said, ended } = await atDesk([taken, ANY, '--pages', taken]);
  const { boards } = await (await fetch(`${page}/where.json`)).json();
  await post(page, 'end');
  await ended;
  other.close();

  assert.match(
    said(),
    new RegExp(
      `Port ${port} \\(boards and programs\\) is taken by another program: it is ${boards} now\\.`,
    ),
  );
  assert.match(said(), new RegExp(`Port ${port} \\(the pages\\) is taken`));
});

test('without a place for it the lesson is in memory, and that is said', async () => {
  const { page, said, ended } = await atDesk([ANY, ANY, '--pages', ANY], {
    HOME: '/dev/null',
    XDG_CACHE_HOME: '/dev/null/cache',
  });
  await post(page, 'end');
  await ended;

  assert.match(said(), /The lesson is kept in memory only/);
});

test('of npm start nobody decides that on the page', async () => {
  const server = await startBroker({ host: HERE, tcpPort: 0, webSocketPort: 0, pagesPort: 0 });
  const page = `http://localhost:${server.pagesPort}/class`;

  assert.equal((await (await fetch(`${page}/where.json`)).json()).desk, null);
  for (const what of ['open', 'end']) assert.equal((await post(page, what)).status, 409, what);
  server.stop();
});
