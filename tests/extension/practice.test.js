// @ts-check
// The broker name `practice`: what is asked of whom, and what is said. What the broker does: tests/e2e/practice.test.js.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PracticeBroker } from '../../extension/practice/practice-broker.js';
import { PracticeSocket } from '../../extension/practice/socket.js';
import { makeBlocks, turn } from './harness.js';

/** A worker whose script is there, or not. @param {boolean} isThere */
const workerThat = (isThere) =>
  class {
    /** @type {((event: object) => void) | null} */
    onmessage = null;
    /** @type {((event: object) => void) | null} */
    onerror = null;
    constructor() {
      made += 1;
      setImmediate(() =>
        isThere ? this.onmessage?.({ data: 'ready' }) : this.onerror?.({ preventDefault() {} }),
      );
    }
    postMessage() {}
    terminate() {}
  };
/** How many workers were made. */
let made = 0;

/** @param {{ isThere?: boolean, script?: string | null, scratch?: object, page?: object }} [editor] */
async function makePractice({
  isThere = true,
  script = 'https://a.test/mqtt.js',
  scratch,
  page,
} = {}) {
  made = 0;
  const parts = await makeBlocks({ scratch, page });
  const { environment } = parts.bridge;
  const surroundings = { Worker: workerThat(isThere), BroadcastChannel, navigator: {} };
  environment.practice = new PracticeBroker(surroundings, script);
  const asked = () => parts.client().asked('connect').flat();
  return { ...parts, asked };
}

/** Lets a worker tell that it is there. */
async function turns() {
  for (let count = 0; count < 5; count += 1) await turn();
}

for (const typed of ['practice', ' Practice ']) {
  test(`"${typed}" is the broker of this browser, and the status keeps the word`, async () => {
    const { asked, blocks, client } = await makePractice();

    blocks.connect({ BROKER: typed });
    await turns();
    client().accept();

    const [{ openSocket, ...options }] = asked();
    assert.equal(typeof openSocket, 'function');
    assert.deepEqual(options, {
      url: ['ws://practice.invalid/mqtt'],
      version: '3.1.1',
      reconnectMaxDelayMs: 8000,
    });
    assert.match(blocks.status(), /^Connected to practice\. Only this tab/);
  });
}

for (const typed of ['practice:8083', 'ws://practice/mqtt', 'practice.local']) {
  test(`"${typed}" is an address as before`, async () => {
    const { asked, blocks } = await makePractice();

    blocks.connect({ BROKER: typed });

    assert.match(asked()[0].url[0], /\/\/practice/);
    assert.equal(made, 0);
  });
}

test('nobody is asked for permission, and no login goes there', async () => {
  const never = () => assert.fail('asked');
  const page = { scratchMqttDefaults: { mayConnect: never } };
  const { asked, blocks } = await makePractice({ scratch: { canFetch: never }, page });
  blocks.login({ USER: 'ada', PASSWORD: 'secret' });

  blocks.connect({ BROKER: 'practice' });
  await turns();

  assert.equal(asked()[0].username, undefined);
});

for (const [what, editor, sentence] of /** @type {const} */ ([
  ['the script has no address', { script: null }, /There is no practice broker here/],
  ['its file is not there', { isThere: false }, /The practice broker could not be loaded\. Check/],
])) {
  test(`when ${what}, nothing is opened, the status says so, and the next block tries again`, async () => {
    const { asked, blocks, bridge } = await makePractice(editor);

    await blocks.connect({ BROKER: 'practice' });

    assert.equal(asked().length, 0);
    assert.match(blocks.status(), new RegExp(`^Not connected\\. ${sentence.source}`));
    bridge.environment.practice = (await makePractice()).bridge.environment.practice;
    blocks.connect({ BROKER: 'practice' });
    await turns();
    assert.equal(asked().length, 1);
    assert.doesNotMatch(blocks.status(), sentence);
  });
}

test('asked for twice, one broker is made', async () => {
  const { asked, blocks } = await makePractice();

  blocks.connect({ BROKER: 'practice' });
  blocks.connect({ BROKER: 'practice' });
  await turns();

  assert.equal(made, 1);
  assert.equal(asked().length, 1);
});

test('while it is loaded, another broker or none may be asked for', async () => {
  for (const wanted of ['wss://broker.test:8084/mqtt', null]) {
    const { asked, blocks } = await makePractice();

    blocks.connect({ BROKER: 'practice' });
    if (wanted === null) blocks.disconnect();
    else blocks.connect({ BROKER: wanted });
    await turns();

    assert.deepEqual(
      asked().map((/** @type {any} */ { url }) => url[0]),
      wanted === null ? [] : [wanted],
    );
  }
});

test('its end is never the fault of the network', async () => {
  const page = { navigator: { onLine: false } };
  for (const [code, sentence] of /** @type {const} */ ([
    ['lost', /^The practice broker ended/],
    ['closed-before-connack', /^The practice broker ended/],
    ['connect-timeout', /^The practice broker does not answer/],
    ['never-opened', /^The practice broker does not answer/],
  ])) {
    const { blocks, client } = await makePractice({ page });
    blocks.connect({ BROKER: 'practice' });
    await turns();

    client().drop({ code, afterMs: 3 }, 1000);

    assert.match(blocks.status(), sentence);
  }
});

/** One that the broker `a` has opened, and the other end of it. */
async function openedSocket() {
  const { port1, port2 } = new MessageChannel();
  /** @type {unknown[]} */
  const events = [];
  const socket = new PracticeSocket({
    url: 'ws://practice.invalid/mqtt',
    protocol: 'mqtt',
    pipe: /** @type {any} */ (port1),
    onEnd: () => events.push('end'),
  });
  socket.onopen = () => events.push('open');
  socket.onmessage = ({ data }) => events.push([...new Uint8Array(data)]);
  socket.onclose = ({ code }) => events.push(code);
  port2.postMessage({ opened: 'a' });
  await turns();
  return { socket, broker: port2, events };
}

test('a socket counts what the broker has not read, whatever else it hears', async () => {
  const { socket, broker, events } = await openedSocket();

  socket.send(new Uint8Array(10));
  for (const odd of [null, 'x', NaN, -5, {}, { opened: 'b' }, 4]) broker.postMessage(odd);
  broker.postMessage(new Uint8Array([1, 2]).buffer);
  await turns();

  assert.equal(socket.bufferedAmount, 6);
  assert.deepEqual(events, ['open', [1, 2]]);
  socket.close();
  broker.close();
});

test('a socket that is closed lets go only when the broker has read everything', async () => {
  const { socket, broker, events } = await openedSocket();

  socket.close();
  await turns();
  assert.deepEqual(events, ['open']);
  broker.postMessage('close');
  await turns();

  assert.deepEqual(events, ['open', 'end']);
});

test('another broker is the end of what the one before had opened, and only of that', async () => {
  const { socket, events } = await openedSocket();

  socket.began('a');
  assert.deepEqual(events, ['open']);
  socket.began('b');

  assert.deepEqual(events, ['open', 'end', 1006]);
});
