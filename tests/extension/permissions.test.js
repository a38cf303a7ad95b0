// @ts-check
// What our own editor page asks before a project connects.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONNECT_LIMIT_MS } from '../../extension/client/connection.js';
import { Logins } from '../../extension/login/logins.js';
import { Permissions } from '../../www/permissions.js';
import { makeBlocks, turn } from './harness.js';

const OWN = 'ws://localhost:8083';
const FAR = ['wss://broker.test:8084', 'wss://broker.test:443'];

/** @param {string[]} places @param {string | null} [username] */
const to = (places, username = null) => ({ places, username });

/** The storage of a tab. @param {Map<string, string>} [items] */
const tabWith = (items = new Map()) => ({
  getItem: (/** @type {string} */ name) => items.get(name) ?? null,
  setItem: (/** @type {string} */ name, /** @type {string} */ text) => void items.set(name, text),
});

/** A page whose questions a test answers. @param {ReturnType<typeof tabWith>} [storage] */
function makePage(storage) {
  /** @type {{ request: any, signal: AbortSignal, answer: (isAllowed: boolean) => void }[]} */
  const questions = [];
  const permissions = new Permissions({
    own: [OWN],
    storage,
    ask: (request, signal) =>
      new Promise((resolve) => {
        questions.push({ request, signal, answer: resolve });
        signal.addEventListener('abort', () => resolve(false));
      }),
  });
  return { permissions, questions };
}

test('the own broker of the page needs no question, and is the one that is opened', async () => {
  const { permissions, questions } = makePage();

  assert.deepEqual(await permissions.mayConnect(to([OWN])), [OWN]);
  assert.deepEqual(await permissions.mayConnect(to([OWN, 'ws://localhost:9001'])), [OWN]);

  assert.equal(questions.length, 0);
});

for (const other of ['ws://localhost:80830', 'wss://localhost:8083', 'ws://localhost.test:8083']) {
  test(`${other} is another broker than ${OWN}`, async () => {
    const { permissions, questions } = makePage();

    permissions.mayConnect(to([other]));
    await turn();

    assert.deepEqual(questions[0]?.request, to([other]));
  });
}

test('an address is asked for once, with all its places', async () => {
  const { permissions, questions } = makePage();
  const answer = permissions.mayConnect(to(FAR));
  await turn();
  questions[0]?.answer(true);

  assert.deepEqual(await answer, FAR);
  assert.deepEqual(await permissions.mayConnect(to(FAR)), FAR);
  assert.deepEqual(await permissions.mayConnect(to([FAR[1]])), [FAR[1]]);

  assert.equal(questions.length, 1);
});

test('a login of this computer that would go there is asked for again, and another one too', async () => {
  const { permissions, questions } = makePage();
  for (const username of [null, 'ada', 'eve']) {
    permissions.mayConnect(to(FAR, username));
    await turn();
    questions.at(-1)?.answer(true);
    await turn();
  }

  assert.deepEqual(
    questions.map(({ request }) => request.username),
    [null, 'ada', 'eve'],
  );
});

test('what was refused is asked for again only after the next green flag', async () => {
  const { permissions, questions } = makePage();
  permissions.mayConnect(to(FAR));
  await turn();
  questions[0]?.answer(false);
  await turn();

  assert.deepEqual(await permissions.mayConnect(to(FAR)), []);
  permissions.startAgain();
  permissions.mayConnect(to(FAR));
  await turn();

  assert.equal(questions.length, 2);
});

test('a project that asks for ever more addresses is not heard after three refusals', async () => {
  const { permissions, questions } = makePage();
  for (let n = 0; n < 20; n += 1) {
    permissions.mayConnect(to([`wss://broker${n}.test:8084`]));
    await turn();
    questions[n]?.answer(false);
    await turn();
  }

  assert.equal(questions.length, 3);
  assert.deepEqual(await permissions.mayConnect(to([OWN])), [OWN]);
});

test('one question stands on the screen at a time, then the newest of those that wait', async () => {
  const { permissions, questions } = makePage();
  const answers = FAR.concat('wss://third.test:8084').map((place) =>
    permissions.mayConnect(to([place])),
  );
  await turn();
  assert.equal(questions.length, 1);

  questions[0]?.answer(true);
  await turn();
  assert.deepEqual(questions[1]?.request.places, ['wss://third.test:8084']);
  questions[1]?.answer(true);

  assert.deepEqual(await Promise.all(answers), [[FAR[0]], [], ['wss://third.test:8084']]);
});

test('another project has no answer of the last one, and its question leaves the screen', async () => {
  const { permissions, questions } = makePage();
  permissions.mayConnect(to(['wss://first.test:8084']));
  await turn();
  questions[0]?.answer(true);
  const waiting = permissions.mayConnect(to(FAR));
  await turn();

  permissions.forget();

  assert.equal(questions[1]?.signal.aborted, true);
  assert.deepEqual(await waiting, []);
  permissions.mayConnect(to(['wss://first.test:8084']));
  await turn();
  assert.equal(questions.length, 3);
});

const ROOM = 'http://localhost:8000/examples/room.sb3';

/** A page on which this project of its site was let in. @param {ReturnType<typeof tabWith>} tab @param {string} project */
async function letIn(tab, project) {
  const { permissions, questions } = makePage(tab);
  permissions.remember(project);
  permissions.mayConnect(to(FAR));
  await turn();
  questions[0]?.answer(true);
  await turn();
  return permissions;
}

test('a project of this site is not asked about again when its page is loaded again', async () => {
  const tab = tabWith();
  await letIn(tab, ROOM);
  const { permissions, questions } = makePage(tab);
  permissions.remember(ROOM);

  assert.deepEqual(await permissions.mayConnect(to(FAR)), FAR);
  permissions.mayConnect(to(FAR, 'ada'));
  await turn();

  assert.deepEqual(
    questions.map(({ request }) => request),
    [to(FAR, 'ada')],
  );
});

test('the tab remembers no user name', async () => {
  const items = new Map();
  const { permissions, questions } = makePage(tabWith(items));
  permissions.remember(ROOM);
  permissions.mayConnect(to(FAR, 'ada'));
  await turn();
  questions[0]?.answer(true);
  await turn();

  assert.doesNotMatch(JSON.stringify([...items]), /ada/);
  assert.deepEqual(await permissions.mayConnect(to(FAR, 'ada')), FAR);
});

for (const [what, open] of /** @type {[string, (permissions: Permissions) => void][]} */ ([
  ['another project of this site', (permissions) => permissions.remember(`${ROOM}?2`)],
  ['a file', () => {}],
  [
    'a file that was opened after it',
    (permissions) => {
      permissions.remember(ROOM);
      permissions.forget();
    },
  ],
])) {
  test(`${what} has no answer of a project of this site`, async () => {
    const tab = tabWith();
    await letIn(tab, ROOM);
    const { permissions, questions } = makePage(tab);
    open(permissions);

    permissions.mayConnect(to(FAR));
    await turn();

    assert.equal(questions.length, 1);
  });
}

test('what is allowed to a file is remembered for no project of this site', async () => {
  const tab = tabWith();
  const before = await letIn(tab, ROOM);
  before.forget();
  before.mayConnect(to(['wss://other.test:8084']));
  await turn();
  const { permissions, questions } = makePage(tab);
  permissions.remember(ROOM);

  permissions.mayConnect(to(['wss://other.test:8084']));
  await turn();

  assert.equal(questions.length, 1);
});

test('a "no" is not remembered', async () => {
  const tab = tabWith();
  const first = makePage(tab);
  first.permissions.remember(ROOM);
  first.permissions.mayConnect(to(FAR));
  await turn();
  first.questions[0]?.answer(false);
  await turn();
  const { permissions, questions } = makePage(tab);
  permissions.remember(ROOM);

  permissions.mayConnect(to(FAR));
  await turn();

  assert.equal(questions.length, 1);
});

test('a storage that is broken or forbidden means one question more', async () => {
  for (const storage of [
    tabWith(new Map([['scratchmqtt.allowed', '{']])),
    {
      getItem: () => {
        throw new Error('forbidden');
      },
      setItem: () => {
        throw new Error('forbidden');
      },
    },
  ]) {
    const { permissions, questions } = makePage(storage);
    permissions.remember(ROOM);
    const answer = permissions.mayConnect(to(FAR));
    await turn();
    questions[0]?.answer(true);

    assert.deepEqual(await answer, FAR);
  }
});

test('a question that cannot be shown is a no', async () => {
  const permissions = new Permissions({ own: [], ask: () => Promise.reject(new Error('gone')) });

  assert.deepEqual(await permissions.mayConnect(to(FAR)), []);
});

/** Blocks on our own page. @param {(request: any) => any} mayConnect @param {any} [page] */
const makeOnPage = (mayConnect, page = {}) =>
  makeBlocks({ page: { ...page, scratchMqttDefaults: { mayConnect } } });

test('the blocks open nothing before the page allows it, and only what it allows', async () => {
  const { permissions, questions } = makePage();
  const { blocks, client } = await makeOnPage((request) => permissions.mayConnect(request));

  blocks.connect({ BROKER: 'wss://broker.test:8084/mqtt' });
  await turn();
  assert.equal(client().asked('connect').length, 0);
  assert.match(
    blocks.status(),
    /^Waiting for permission to connect to wss:\/\/broker\.test:8084\/mqtt\./,
  );
  questions[0]?.answer(true);
  await turn();
  client().accept();

  assert.equal(client().asked('connect').length, 1);
  assert.equal(blocks.isConnected(), true);
});

test('the page hears whose login would go there, and no password', async () => {
  /** @type {any[]} */
  const requests = [];
  const items = new Map();
  const sessionStorage = {
    getItem: (/** @type {string} */ name) => items.get(name) ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ text) => items.set(name, text),
  };
  new Logins({ sessionStorage }).keep(
    ['wss://broker.test:8084'],
    { username: 'ada', password: 'secret' },
    false,
  );
  const { blocks } = await makeOnPage((request) => requests.push(request) && [], {
    sessionStorage,
  });

  await blocks.connect({ BROKER: 'wss://broker.test:8084/mqtt' });
  await blocks.connect({ BROKER: 'wss://eve:evil@broker.test:8084/mqtt' });
  blocks.login({ USER: 'eve', PASSWORD: 'evil' });
  await blocks.connect({ BROKER: 'wss://broker.test:8084/mqtt' });

  const place = 'wss://broker.test:8084';
  assert.deepEqual(requests, [to([place], 'ada'), to([place]), to([place])]);
});

for (const [what, mayConnect] of /** @type {[string, () => any][]} */ ([
  ['says no', () => []],
  ['fails', () => Promise.reject(new Error('gone'))],
  [
    'throws',
    () => {
      throw new Error('gone');
    },
  ],
])) {
  test(`when the page ${what}, nothing is opened and the status says so`, async () => {
    const { blocks, client } = await makeOnPage(mayConnect);

    await blocks.connect({ BROKER: 'wss://broker.test:8084/mqtt' });

    assert.equal(client().asked('connect').length, 0);
    assert.match(blocks.status(), /not allowed to connect to wss:\/\/broker\.test:8084\/mqtt\./);
  });
}

test('a question that nobody answers holds the block no longer than its limit', async ({
  mock,
}) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const { permissions, questions } = makePage();
  const { blocks, client } = await makeOnPage((request) => permissions.mayConnect(request));
  let hasEnded = false;
  blocks.connect({ BROKER: 'wss://broker.test:8084/mqtt' })?.then(() => (hasEnded = true));
  await turn();

  mock.timers.tick(CONNECT_LIMIT_MS - 1);
  await turn();
  assert.equal(hasEnded, false);
  mock.timers.tick(1);
  await turn();
  assert.equal(hasEnded, true);
  questions[0]?.answer(true);
  await turn();

  assert.equal(client().asked('connect').length, 1);
});
