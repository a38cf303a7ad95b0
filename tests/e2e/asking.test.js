// @ts-check
/** What our editor page asks before a project connects, and that a login kept for one broker goes to no other. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { WebSocketServer } from 'ws';
import { openBench } from './support/bench.js';
import { add, connect, forever, say, set, status, whenFlag } from './support/blocks.js';
import { officialEditor, openLogin } from './support/editors/official-editor.js';
import { PASSWORD, USER } from './support/mosquitto.js';
import { LOOPBACK } from './support/ports.js';
import { makeProject } from './support/project.js';
import { until } from './support/wait.js';

/** @type {import('./support/bench.js').Bench} */
let bench;
/** Another program of this computer, which would like to have a login. @type {Listener} */
let listener;
/** @type {import('./support/editors/official-editor.js').OfficialEditor} */
let editor;

before(async () => {
  bench = await openBench();
  listener = bench.cleanup.add(await Listener.start(), (it) => it.close());
});
after(() => bench?.cleanup.run());

beforeEach(async () => {
  listener.heard = [];
  editor = await officialEditor(await bench.browser.newPage(), { ...bench, isAsked: true });
});
afterEach(async () => {
  await editor.page.evaluate(() => sessionStorage.clear());
  await editor.close();
  assert.deepEqual(editor.errors, []);
});

/** Writes down everything that is sent to it, and lets everybody in. */
class Listener {
  /** @type {Buffer[]} */
  heard = [];
  #server;

  /** @param {WebSocketServer} server */
  constructor(server) {
    this.#server = server;
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    this.place = `ws://localhost:${port}`;
    server.on('connection', (socket) => {
      this.heard.push(Buffer.from('opened'));
      socket.on('message', (/** @type {Buffer} */ packet) => {
        this.heard.push(packet);
        if (packet[0] === 0x10) socket.send(Uint8Array.from([0x20, 3, 0, 0, 0]));
      });
    });
  }

  /** Whether nobody is connected. */
  get isEmpty() {
    return this.#server.clients.size === 0;
  }

  static async start() {
    const server = new WebSocketServer({ host: LOOPBACK, port: 0 });
    await once(server, 'listening');
    return new Listener(server);
  }

  close() {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }
}

/** @param {string[]} addresses each connected to in turn */
const projectFor = (...addresses) =>
  makeProject({
    sprites: {
      Cat: {
        variables: { done: 'no' },
        lists: { said: [], beats: [] },
        scripts: [
          [
            whenFlag(),
            ...addresses.flatMap((address) => [connect(address), add(status(), 'said')]),
            set('done', 'yes'),
          ],
          [whenFlag(), forever(add('beat', 'beats'), say('beat'))],
        ],
      },
    },
  });

const dialog = () => editor.page.getByRole('dialog', { name: 'Connect to a broker?' });

/** @param {string[]} addresses */
async function play(...addresses) {
  await editor.loadProject(projectFor(...addresses));
  await editor.greenFlag();
}

/** Lets the project connect: presses the button until that counts. @param {string} address */
async function allow(address) {
  const question = dialog().filter({ hasText: new URL(address).origin });
  const button = question.getByRole('button', { name: 'Connect', exact: true });
  await question.waitFor();
  await until('the answer to count', async () => {
    await button.click({ timeout: 1000 }).catch(() => {});
    return (await question.count()) === 0;
  });
}

/** Enters a login in the dialog for it. @param {string} address */
async function keepLoginFor(address) {
  const { page } = editor;
  await openLogin(page);
  const form = page.getByRole('dialog', { name: 'Broker login on this computer' });
  await form.getByLabel('Broker').fill(address);
  await form.getByLabel('User name').fill(USER);
  await form.getByLabel('Password').fill(PASSWORD);
  await form.getByText('and nowhere else').waitFor();
  await form.getByRole('button', { name: 'Save' }).click();
  await form.waitFor({ state: 'detached' });
}

const lastSaid = async () => (await editor.list('Cat', 'said')).at(-1);

test('a login kept for one port of this computer goes to no other port', async () => {
  const { broker } = bench;
  await keepLoginFor(broker.wss);

  await play(`${listener.place}/mqtt`);
  await dialog().getByText(listener.place).waitFor();
  await dialog().getByText('No login that this browser keeps goes there.').waitFor();
  await editor.page.screenshot({
    path: process.env.ASKING_PICTURE ?? `${bench.folder}/asking.png`,
  });
  await allow(listener.place);
  await editor.untilVariable('Cat', 'done', /yes/);

  assert.match(String(await lastSaid()), /^Connected to ws:/);
  const heard = Buffer.concat(listener.heard).toString();
  assert.match(heard, /MQTT/);
  assert.ok(!heard.includes(USER) && !heard.includes(PASSWORD));
});

test('a login kept for wss:// is not sent over ws://, to its host or to its port', async () => {
  const { broker } = bench;
  await keepLoginFor(listener.place.replace('ws:', 'wss:'));

  await play(`${listener.place}/mqtt`, broker.wss);
  await allow(listener.place);
  await allow(broker.wss);
  await editor.untilVariable('Cat', 'done', /yes/);

  const heard = Buffer.concat(listener.heard).toString();
  assert.match(heard, /MQTT/);
  assert.ok(!heard.includes(USER) && !heard.includes(PASSWORD));
});

test('the question names the login that is kept for the address, and then it goes there', async () => {
  const { broker } = bench;
  await keepLoginFor(broker.wss);

  await play(broker.wss);
  await dialog().getByText(new URL(broker.wss).origin).waitFor();
  await dialog().getByText(`It would be logged in as ${USER}`).waitFor();
  await allow(broker.wss);

  await until('the project to be connected', async () =>
    /^Connected/.test(String(await lastSaid())),
  );
});

test('a login of before, which was kept for a host, goes out only when it has got an address', async () => {
  const { broker } = bench;
  const { page } = editor;
  await page.evaluate(
    (older) => sessionStorage.setItem('scratchmqtt.logins', older),
    JSON.stringify([['localhost', { username: USER, password: PASSWORD }]]),
  );
  const refusals = broker.refusals;
  await play(broker.wss);
  await allow(broker.wss);
  await editor.untilVariable('Cat', 'done', /yes/);
  assert.equal(broker.refusals, refusals + 1);

  await openLogin(page);
  const form = page.getByRole('dialog', { name: 'Broker login on this computer' });
  await form.getByLabel('Broker').fill(broker.wss);
  await form.getByText('There is an older login for localhost here').waitFor();
  assert.equal(await form.getByLabel('User name').inputValue(), USER);
  assert.equal(await form.getByLabel('Password').inputValue(), '');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.waitFor({ state: 'detached' });
  await editor.greenFlag();
  await allow(broker.wss);

  await until('the project to be connected', async () =>
    /^Connected/.test(String(await lastSaid())),
  );
  const kept = await page.evaluate(() => sessionStorage.getItem('scratchmqtt.logins'));
  assert.deepEqual(JSON.parse(String(kept)), [
    [new URL(broker.wss).origin, { username: USER, password: PASSWORD }],
  ]);
});

test('Esc means no: nothing is opened, the status says so, and the next flag asks again', async () => {
  await play(`${listener.place}/mqtt`);
  await dialog().waitFor();

  await editor.page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });
  await editor.untilVariable('Cat', 'done', /yes/);

  assert.match(
    String(await lastSaid()),
    /was not allowed to connect to ws:\/\/localhost:\d+\/mqtt\./,
  );
  assert.deepEqual(listener.heard, []);
  await editor.greenFlag();
  await dialog().waitFor();
});

test('the question is first on the keyboard and begins at "no"; the project runs on behind it', async () => {
  const { page } = editor;
  await play(`${listener.place}/mqtt`);
  const no = dialog().getByRole('button', { name: 'Do not connect' });
  await no.waitFor();

  assert.ok(await no.evaluate((button) => button.matches(':focus')));
  await page.keyboard.press('Tab');
  const yes = dialog().getByRole('button', { name: 'Connect', exact: true });
  assert.ok(await yes.evaluate((button) => button.matches(':focus')));
  const { length } = await editor.list('Cat', 'beats');
  await editor.untilLength('Cat', 'beats', length + 30);
  assert.deepEqual(listener.heard, []);
});

test('a click that was meant for something else is no answer', async () => {
  const { page } = editor;
  await page.evaluate(() => {
    const clickAtOnce = () => {
      const button = document.querySelector('#ask')?.shadowRoot?.querySelector('#allow');
      if (button instanceof HTMLElement) button.click();
    };
    new MutationObserver(clickAtOnce).observe(document.body, { childList: true });
  });

  await play(`${listener.place}/mqtt`);
  await dialog().waitFor();
  await editor.untilLength('Cat', 'beats', 10);

  assert.equal(await dialog().count(), 1);
  assert.deepEqual(listener.heard, []);
});

test('an answer holds for the project, and not for the next one', async () => {
  const address = `${listener.place}/mqtt`;
  await play(address);
  await allow(address);
  await editor.untilVariable('Cat', 'done', /yes/);

  await editor.greenFlag();
  await editor.untilLength('Cat', 'said', 2);
  assert.equal(await dialog().count(), 0);
  await editor.loadProject(projectFor(address));
  await until('the last project to leave', () => listener.isEmpty);
  listener.heard = [];
  await editor.greenFlag();
  await dialog().waitFor();

  assert.deepEqual(listener.heard.map(String), []);
});

test('a page that is loaded again remembers its project of this site, and no other', async () => {
  const address = `${listener.place}/mqtt`;
  const { page } = editor;
  for (const name of ['own', 'other'])
    await page.route(`**/${name}.sb3`, (route) => route.fulfill({ body: projectFor(address) }));
  const open = async (/** @type {string} */ project) => {
    editor = await officialEditor(page, { ...bench, isAsked: true, project });
    await editor.greenFlag();
  };
  await open('own.sb3');
  await allow(address);
  await editor.untilVariable('Cat', 'done', /yes/);

  await open('own.sb3');
  await editor.untilVariable('Cat', 'done', /yes/);
  assert.match(String(await lastSaid()), /^Connected to ws:/);
  await open('other.sb3');

  await dialog().waitFor();
});

test('another project takes the question of the last one from the screen', async () => {
  await play(`${listener.place}/mqtt`);
  await dialog().waitFor();

  await editor.loadProject(projectFor());

  await dialog().waitFor({ state: 'detached' });
  assert.deepEqual(listener.heard, []);
});

test('the broker of the page itself is not asked about', async () => {
  const { broker } = bench;

  await play(broker.ws);
  await editor.untilVariable('Cat', 'done', /yes/);

  assert.match(String(await lastSaid()), /wants a user name and a password/);
  assert.equal(await dialog().count(), 0);
});
