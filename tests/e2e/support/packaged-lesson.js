// @ts-check
/**
 * A lesson with the one file of `npm run package`, on two computers without a way to any other
 * (`two-computers.sh`): `node packaged-lesson.js FILE FOLDER`. Says what it saw, a line for each.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { LESSON_LANGUAGES } from '../../../extension/texts/languages.js';
import { EXECUTABLE, launchBrowser } from './browser.js';
import { printAndOpenCards } from './cards.js';
import { makeCertificates } from './certificates.js';
import { Cleanup } from './cleanup.js';
import { walkDocs } from './docs-walk.js';
import { takePart } from './pictures.js';
import { joined } from './pupils.js';
import { Program } from './programs.js';
import { until } from './wait.js';

const [file = '', folder = ''] = process.argv.slice(2);
const FIRST = '192.168.77.1';
/** What the program opens by itself. */
const CLASS_PAGE = 'http://localhost:8000/class';
const opened = join(folder, 'opened');

const cleanup = new Cleanup();
try {
  await lesson();
} finally {
  await cleanup.run();
}

async function lesson() {
  const bin = makePrograms();
  const server = cleanup.add(doubleClick(bin), (it) => it.end());
  await pageOpens(server);
  say('the class page opens by itself');

  rmSync(opened);
  const second = cleanup.add(doubleClick(bin), (it) => it.end());
  await pageOpens(second);
  assert.equal(await second.ended, 0);
  say('a second double click opens the page of the first');

  const { ca } = makeCertificates(join(folder, 'certificates'), ['localhost']);
  /** @param {string} name @param {string} executable */
  const browserOf = async (name, executable) =>
    cleanup.add(
      await launchBrowser({ folder: join(folder, name), ca, hosts: {}, executable }),
      (it) => it.close(),
    );
  const teacher = await (await browserOf('teacher', EXECUTABLE)).newPage();
  await teacher.goto(`${CLASS_PAGE}?lang=en`);
  const pupils = await browserOf('pupil', join(bin, 'browser-of-second'));
  const page = await pupils.newPage();
  await assert.rejects(
    page.goto(`http://${FIRST}:8000/`),
    /ERR_(EMPTY_RESPONSE|CONNECTION|SOCKET_NOT)/,
  );
  await teacher.getByText('Only this computer can connect. Once the class').waitFor();
  say('nobody else is let in at first');

  await teacher.getByRole('button', { name: 'Let the class in' }).click();
  await teacher.getByText(`http://${FIRST}:8000/`, { exact: true }).waitFor();
  await teacher
    .getByText('Boards and programs connect to port 1883, with the user name class')
    .waitFor();
  const word = String(await teacher.locator('#wall-word').textContent()).replace(
    'Class word: ',
    '',
  );
  await teacher.getByText('No other computer got here yet.').waitFor();
  assert.ok(await teacher.locator('#qr').evaluate(isLoaded));
  if (process.env.PICTURES)
    await teacher.screenshot({ path: join(process.env.PICTURES, 'let-in.png') });
  for (const language of LESSON_LANGUAGES) {
    const wall = await teacher.context().newPage();
    await wall.goto(`${CLASS_PAGE}?lang=${language}`);
    await wall.getByText(`http://${FIRST}:8000/`, { exact: true }).waitFor();
    await wall.locator('#qr').evaluate(isLoaded);
    await takePart(wall.locator('#wall'), `lessons/${language}/class-wall`);
    await wall.close();
  }
  const start = await teacher.context().newPage();
  await start.goto('http://localhost:8000/?lang=en');
  await start.getByText(`mqtt://${FIRST}:1883`).waitFor();
  await start.close();
  assert.notEqual(publishes([]), 0);
  assert.notEqual(publishes(['-u', 'guest', '-P', 'test']), 0);
  assert.equal(publishes(['-u', 'class', '-P', word]), 0);
  await teacher.getByLabel('Boards need no word').check();
  await teacher.getByText('Boards and programs connect to port 1883.').waitFor();
  assert.equal(publishes(['-u', 'guest', '-P', 'test']), 0);
  await teacher.getByLabel('Boards need no word').uncheck();
  await teacher.getByText('Boards and programs connect to port 1883, with').waitFor();
  say('a board on the second computer needs the class word, until the teacher says otherwise');

  const board = await mqtt.connectAsync(`mqtt://${FIRST}:1883`, {
    clientId: 'board-1',
    username: 'class',
    password: word,
  });
  /** @type {string[]} */
  const heard = [];
  board.on('message', (_, payload) => heard.push(payload.toString()));
  await board.subscribeAsync('chat', { qos: 1 });
  // As the QR code has it.
  await page.goto(`http://${FIRST}:8000/?lang=en#${word}`);
  await page.getByLabel('Your name').waitFor();
  const pupil = await joined(pupils, `http://${FIRST}:8000/`, { name: 'Ada' });
  await teacher.locator('#tiles b', { hasText: 'Ada' }).waitFor();
  await teacher.getByText('Other computers get here.').waitFor();
  await pupil.click('Cat');
  await until('the board to hear the pupil', () => heard.includes('hello'));
  await board.publishAsync('chat', 'light', { qos: 1 });
  await pupil.untilSaid('Cat', 'light');
  await board.endAsync();
  say('a pupil on the second computer and a board talk to each other');

  await printAndOpenCards({
    teacher,
    phones: pupils,
    start: `http://${FIRST}:8000/`,
    port: 1883,
    word,
  });
  say('cards for boards are printed, and a phone opens one');

  const licenses = await (await fetch('http://localhost:8000/licenses.txt')).text();
  assert.match(licenses, /GNU AFFERO GENERAL PUBLIC LICENSE/);
  assert.match(licenses, /mqtt5 0\.49\.0/);
  say('the licenses are inside');

  const { pages, broken } = await walkDocs('http://localhost:8000/');
  assert.deepEqual(broken, []);
  assert.ok(pages.length > 20, `${pages.length}`);
  say('every page of the documentation is inside, and no link leads nowhere');

  await teacher.getByRole('button', { name: 'End the server' }).click();
  await teacher.getByText('The server has ended.').waitFor();
  assert.equal(await server.ended, 0);
  say('it ends by its button');
}

/** How a board on the second computer ends that says this login. @param {string[]} login */
function publishes(login) {
  const message = ['-h', FIRST, '-t', 'board', '-m', 'x', ...login];
  return spawnSync('ip', ['netns', 'exec', 'second', 'mosquitto_pub', ...message]).status;
}

/** The only programs that the one file finds: what opens a browser. */
function makePrograms() {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  /** @param {string} name @param {string} line */
  const make = (name, line) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${line}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  make('xdg-open', `printf %s "$1" > '${opened}'`);
  make('browser-of-second', `exec ip netns exec second '${EXECUTABLE}' "$@"`);
  return bin;
}

/** @param {string} bin */
function doubleClick(bin) {
  const empty = join(folder, 'empty');
  mkdirSync(empty, { recursive: true });
  return new Program(file, [], { cwd: empty, env: { PATH: bin, HOME: empty }, input: '' });
}

/** @param {Program} program */
async function pageOpens(program) {
  await until('a browser to be asked for', () => existsSync(opened), {
    seen: () => program.output,
  });
  await until('its address', () => readFileSync(opened, 'utf8') === CLASS_PAGE);
}

/** @param {Element} picture */
async function isLoaded(picture) {
  const image = /** @type {HTMLImageElement} */ (picture);
  await image.decode();
  return image.naturalWidth > 0;
}

/** @param {string} what */
function say(what) {
  console.log(`seen: ${what}`);
}
