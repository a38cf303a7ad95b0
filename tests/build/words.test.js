// @ts-check
// What other computers must say to be let in, and to see the class. A proxy says that somebody is one of them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { buildBroker, startBroker } from '../../scripts/broker.mjs';
import { Raw, connectPacket, frame, get, openWebSocket, packet, utf8 } from './support/raw.js';

const FREE = { host: '127.0.0.1', tcpPort: 0, webSocketPort: 0, pagesPort: 0 };
const ELSEWHERE = { 'X-Forwarded-For': '192.168.1.20' };
const WORD = 'kiwi-otter';
const MOST_GUESSES = 10;

/** @type {import('../../scripts/broker.mjs').Broker} */
let server;

before(async () => {
  await buildBroker();
  server = await startBroker({ ...FREE, more: ['--class-word', WORD] });
});
after(() => server.stop());

test('without the word there is a page that asks for it, and nothing of the class', async () => {
  for (const path of ['/', '/?lang=de', '/board?name=fan', '/editor/?project=lesson.sb3']) {
    const { status, headers, body } = await elsewhere(path);
    assert.equal(status, 403, path);
    assert.match(body, /\/word\/page\.js/);
    assert.equal(headers['cache-control'], 'no-store');
  }
  const ofClass = [
    '/groups.json',
    '/lesson.json',
    '/lesson.sb3',
    '/local.json',
    '/board.svg?name=fan',
  ];
  for (const path of ofClass) {
    const { status, body } = await elsewhere(path);
    assert.equal(status, 403, path);
    assert.match(body, /asks for the class word/);
  }
  // What it takes to ask, what other editors load, and what helps.
  for (const path of [
    '/word/page.js',
    '/style.css',
    '/texts/en.json',
    '/mqtt.js',
    '/class.json',
    '/docs/teachers/when-it-does-not-work.html',
  ]) {
    assert.equal((await elsewhere(path)).status, 200, path);
  }
  assert.equal((await get(server.pagesPort, '/')).status, 200);
});

test('a slash at the end of an address changes nothing', async () => {
  for (const [typed, meant] of [
    ['/class/', '/class'],
    ['/class/?lang=de', '/class?lang=de'],
    ['/word/', '/word'],
    ['/board/?id=1', '/board?id=1'],
  ]) {
    const { status, headers } = await elsewhere(String(typed));
    assert.deepEqual([status, headers.location], [301, meant]);
  }
  const { status, body } = await elsewhere('/class');
  assert.equal(status, 403);
  assert.match(body, /\/word\/page\.js/);
  assert.equal((await elsewhere('/mqtt/')).status, 426);
});

test('the word is said once, as people type, and is not that of the teacher', async () => {
  assert.deepEqual(await say('/join', 'kiwi-fox'), { status: 403, cookie: undefined });
  const { status, cookie } = await say('/join', 'Kiwi OTTER');
  assert.equal(status, 200);
  assert.match(
    String(cookie),
    /^class-\d+=[0-9a-f]{32}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Lax$/,
  );

  for (const path of ['/', '/board?name=fan', '/editor/', '/groups.json', '/lesson.json']) {
    assert.equal((await elsewhere(path, cookie)).status, 200, path);
  }
  assert.equal((await elsewhere('/class', cookie)).status, 403);
  assert.equal((await elsewhere('/class/where.json', cookie)).status, 403);
  assert.equal((await say('/teach', WORD)).status, 403);
  for (const made of [
    'class-1=',
    `class-${server.pagesPort}=`,
    `class-${server.pagesPort}=${'0'.repeat(32)}`,
  ]) {
    assert.equal((await elsewhere('/groups.json', made)).status, 403, made);
  }
});

test('a page of another website does not say it, and does not use the ticket of the teacher', async () => {
  const stranger = { Origin: 'https://turbowarp.org' };
  assert.equal((await say('/join', WORD, stranger)).status, 403);
  const { cookie } = await say('/teach', await teachersWord());
  const headers = { Cookie: String(cookie).split(';')[0] ?? '', ...stranger };
  assert.equal((await post('/class/pause', '', { ...ELSEWHERE, ...headers })).status, 403);
});

test('the word of the teacher opens the class page on another device, but is not shown there', async () => {
  const { status, cookie } = await say('/teach', await teachersWord());
  assert.equal(status, 200);
  assert.match(String(cookie), /^teacher-\d+=[0-9a-f]{32}; .*HttpOnly; SameSite=Strict$/);

  assert.equal((await elsewhere('/class', cookie)).status, 200);
  const where = JSON.parse((await elsewhere('/class/where.json', cookie)).body);
  assert.equal(where.word, WORD);
  assert.equal(where.teacher, null);
  const headers = { ...ELSEWHERE, Cookie: cookie ?? '' };
  assert.equal((await post('/class/pause', '', headers)).status, 200);
  assert.equal((await post('/class/resume', '', headers)).status, 200);
});

test('the broker asks for the word as password, and old logins are those of who has a ticket', async () => {
  const { cookie = '' } = await say('/join', WORD);
  const ticket = { ...ELSEWHERE, Cookie: cookie };

  assert.notEqual(await connack(ELSEWHERE, connectPacket('nobody')), 0);
  assert.equal(await connack(ELSEWHERE, connectPacket('newer', { version: 5 })), 0x86);
  assert.notEqual(await connack(ELSEWHERE, loginPacket('guest', 'test')), 0);
  assert.equal(await connack(ELSEWHERE, loginPacket('class', WORD)), 0);
  assert.equal(await connack(ELSEWHERE, loginPacket('', 'KIWIOTTER')), 0);
  assert.equal(await connack(ticket, connectPacket('pupil')), 0);
  assert.equal(await connack(ticket, loginPacket('guest', 'test')), 0);
  assert.equal(await connack(ticket, loginPacket('class', WORD)), 0);
  assert.notEqual(await connack(ticket, loginPacket('guest', 'tset')), 0);
  assert.equal(await connack({}, connectPacket('here')), 0);
});

test('one who is refused takes nobody’s place', async () => {
  const { cookie = '' } = await say('/join', WORD);
  const pupil = await openWebSocket(server.pagesPort, { ...ELSEWHERE, Cookie: cookie });
  assert.ok(pupil instanceof Raw);
  pupil.send(frame(connectPacket('Ada')));
  await pupil.until((received) => received.includes(Buffer.from([0x20, 2, 0, 0])), 'CONNACK');

  assert.notEqual(await connack(ELSEWHERE, connectPacket('Ada')), 0);

  pupil.send(frame(Buffer.from([0xc0, 0])));
  await pupil.until((received) => received.includes(Buffer.from([0xd0, 0])), 'PINGRESP');
  pupil.end();
});

test('tickets end with the lesson; who began the next one has a new one', async () => {
  const { cookie: pupil } = await say('/join', WORD);
  const { cookie: teacher = '' } = await say('/teach', await teachersWord());
  const headers = { ...ELSEWHERE, Cookie: teacher };
  const { pagesPort: port } = server;
  const asked = request({ host: '127.0.0.1', port, path: '/class/events', headers, agent: false });
  asked.end();
  const [listening] = await once(asked, 'response');
  const { status, cookie } = await post('/class/new-lesson', '', headers);
  assert.equal(status, 200);

  const body = await text(listening);
  assert.match(body, /^event: word\ndata: "kiwi-otter"$/m);

  assert.equal((await elsewhere('/groups.json', pupil)).status, 403);
  assert.equal((await elsewhere('/class/where.json', teacher)).status, 403);
  assert.equal((await elsewhere('/class/where.json', cookie)).status, 200);
});

test('who guesses is not heard any more, not even with the word', async () => {
  for (let guess = 0; guess < MOST_GUESSES; guess += 1) await say('/join', `guess-${guess}`);

  assert.equal((await say('/join', WORD)).status, 429);
  assert.notEqual(await connack(ELSEWHERE, loginPacket('class', WORD)), 0);
  assert.equal((await get(server.pagesPort, '/')).status, 200);
});

test('what nobody else reaches has no word, unless one was given', async () => {
  const alone = await startBroker(FREE);
  const { status } = await get(alone.pagesPort, '/', ELSEWHERE);
  alone.stop();
  await alone.ended;

  assert.equal(status, 200);
});

/** @param {string} path @param {string} [cookie] */
function elsewhere(path, cookie) {
  /** @type {Record<string, string>} */
  const held = cookie === undefined ? {} : { Cookie: cookie.split(';')[0] ?? '' };
  return get(server.pagesPort, path, { ...ELSEWHERE, ...held });
}

/** @param {string} path @param {string} word @param {Record<string, string>} [headers] */
async function say(path, word, headers = {}) {
  const { status, cookie } = await post(path, word, { ...ELSEWHERE, ...headers });
  return { status, cookie };
}

/** @param {string} path @param {string} body @param {Record<string, string>} headers */
async function post(path, body, headers) {
  const { pagesPort: port } = server;
  const sent = request({ host: '127.0.0.1', port, path, headers, method: 'POST', agent: false });
  sent.end(body);
  const [response] = await once(sent, 'response');
  return {
    status: response.statusCode,
    cookie: response.headers['set-cookie']?.[0],
    body: await text(response),
  };
}

/** Told at the computer itself. */
async function teachersWord() {
  const { body } = await get(server.pagesPort, '/class/where.json');
  const { teacher } = JSON.parse(body);
  assert.match(teacher, /^[a-z]+-[a-z]+-[a-z]+$/);
  return String(teacher);
}

/** The code in the answer to a CONNECT over WebSocket. @param {Record<string, string>} headers @param {Uint8Array} connect */
async function connack(headers, connect) {
  const socket = await openWebSocket(server.pagesPort, headers);
  assert.ok(socket instanceof Raw, String(socket));
  const { length } = socket.received;
  socket.send(frame(connect));
  // 0x82, its length, and the packet.
  await socket.until((received) => received.length >= length + 6, 'CONNACK');
  const answer = socket.received.subarray(length + 2);
  assert.equal(answer[0], 0x20);
  socket.end();
  return answer[3];
}

/** @param {string} user @param {string} password */
function loginPacket(user, password) {
  const head = Buffer.concat([utf8('MQTT'), Buffer.from([4, 0xc2, 0, 60])]);
  return packet(0x10, head, utf8('board'), utf8(user), utf8(password));
}
