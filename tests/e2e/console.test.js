// @ts-check
/** The console of the start page, with a real broker: topics, messages, plot, files, and what a tab remembers. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { openBench } from './support/bench.js';
import { uniqueTopic } from './support/names.js';
import { until } from './support/wait.js';

/** @typedef {import('playwright-core').Page} Page */

/** @type {import('./support/bench.js').Bench} */
let bench;

before(async () => (bench = await openBench()));
after(() => bench?.cleanup.run());

test('topics are a tree with their last value and a mark on what is kept', async () => {
  const { page, topic } = await openConsole();

  await bench.native.publish(`${topic}/lamp`, 'on', { retain: true });
  await bench.native.publish(`${topic}/a/temp`, '20');
  await bench.native.publish(`${topic}/a/temp`, '21.5');

  await rowOf(page, 'temp').getByText('21.5').waitFor();
  assert.equal(await rowOf(page, 'temp').getByText('kept').isVisible(), false);
  assert.equal(await rowOf(page, 'lamp').getByText('kept').isVisible(), true);
  assert.equal(await rowOf(page, 'a').getAttribute('aria-expanded'), 'true');
  await page.close();
});

test('the tree is walked by keyboard, and a message is shown in full', async () => {
  const { page, topic } = await openConsole();
  await bench.native.publish(`${topic}/a/temp`, '21.5');
  await bench.native.publish(`${topic}/b`, 'hello');
  await rowOf(page, 'b').waitFor();

  await page.getByRole('treegrid').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  assert.equal(await activeRow(page), 'temp');
  await page.locator('#detail-text', { hasText: '21.5' }).waitFor();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await activeRow(page), 'a');
  assert.equal(await rowOf(page, 'temp').count(), 0);
  await page.keyboard.press('End');

  assert.equal(await activeRow(page), 'b');
  await page.locator('#detail-text', { hasText: 'hello' }).waitFor();
  await page.close();
});

test('a payload is shown as JSON, number, text or bytes, and what it is not is said', async () => {
  const { page, topic } = await openConsole();
  await bench.native.publish(`${topic}/json`, '{"room":{"temp":21.50},"n":[1]}');
  await bench.native.publish(`${topic}/raw`, Buffer.from([0xff, 0]));

  await rowOf(page, 'json').click();
  const fields = page.locator('#detail-fields');
  await fields.getByRole('row', { name: 'temp' }).getByText('21.50').waitFor();
  await page.getByLabel('Show as').selectOption('hex');
  await page.getByText('7b 22 72 6f 6f 6d').waitFor();
  await page.getByLabel('Show as').selectOption('number');
  await page.getByText('This is not a number.').waitFor();
  await rowOf(page, 'raw').click();
  await page.getByLabel('Show as').selectOption('text');
  await page.getByText('These bytes are not text.').waitFor();
  await page.getByLabel('Show as').selectOption('auto');

  await page.locator('#detail-text', { hasText: 'ff 00' }).waitFor();
  await page.close();
});

test('what is too large for small boards is said once, beside what the status says', async () => {
  const { page, topic } = await openConsole();
  const hint = page.locator('#small-boards');
  const send = async (/** @type {string} */ payload, isKept = false) => {
    await page.getByLabel('Topic', { exact: true }).fill(topic);
    await page.getByLabel('Message', { exact: true }).fill(payload);
    await page.locator('#retain').setChecked(isKept);
    await page.getByRole('button', { name: 'Publish' }).click();
  };

  await send('hello');
  assert.equal(await hint.isVisible(), false);
  await send('x'.repeat(300));
  await hint.getByText(/Small boards may not get .*128 \(MicroBlocks\), 256/).waitFor();
  await send('x'.repeat(300), true);
  await hint.getByText(/^The kept message on topic .* Small boards/).waitFor();
  await page.getByText(`Published to ${topic}`).waitFor();
  await send('', true);

  await hint.getByText(/^Small boards/).waitFor();
  await page.close();
});

for (const [format, wrong, right, complaint, received] of /** @type {const} */ ([
  ['number', 'warm', ' 21.5 ', 'This is not a number.', '32312e35'],
  ['json', '{a:1}', '{"a":1}', 'This is not JSON.', '7b2261223a317d'],
  ['hex', 'f', 'ff 00', 'The bytes cannot be read.', 'ff00'],
])) {
  test(`what is sent as ${format} is looked at before`, async () => {
    const { page, topic } = await openConsole();
    await bench.native.subscribe(topic);
    await page.getByLabel('Topic', { exact: true }).fill(topic);
    await page.getByLabel('Send as').selectOption(format);

    await page.getByLabel('Message', { exact: true }).fill(wrong);
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    await page.locator('#status', { hasText: complaint }).waitFor();
    await page.getByLabel('Message', { exact: true }).fill(right);
    await page.getByRole('button', { name: 'Publish', exact: true }).click();

    await bench.native.untilTexts(topic, 1);
    const payloads = bench.native.messages.filter((one) => one.topic === topic);
    assert.deepEqual(
      payloads.map(({ payload }) => payload.toString('hex')),
      [received],
    );
    await page.close();
  });
}

test('a search narrows topics and messages, by text and by filter', async () => {
  const { page, topic } = await openConsole();
  await bench.native.publish(`${topic}/a/temp`, '1');
  await bench.native.publish(`${topic}/a/light`, 'warm light');
  await bench.native.publish(`${topic}/b/temp`, '2');
  await page.getByText('Messages: 3').waitFor();
  const search = page.getByLabel('Search topics and messages');

  await search.fill('TEMP');
  await page.getByText('Found: 2').waitFor();
  assert.equal(await rowOf(page, 'light').count(), 0);
  await search.fill('warm');
  await page.getByText('Found: 1').waitFor();
  await search.fill(`${topic}/+/light`);
  await page.getByText('Found: 1').waitFor();
  await rowOf(page, 'light').waitFor();
  assert.equal(await rowOf(page, 'temp').count(), 0);
  await search.fill('');

  await until(
    'all messages',
    async () => (await page.locator('#messages .grid-body > :visible').count()) === 3,
  );
  await page.close();
});

test('in a pause nothing moves, and nothing is lost', async () => {
  const { page, topic } = await openConsole();
  await bench.native.publish(`${topic}/x`, 'before');
  await rowOf(page, 'x').getByText('before').waitFor();

  await page.getByRole('button', { name: 'Pause' }).click();
  for (const payload of ['1', '2', '3']) await bench.native.publish(`${topic}/x`, payload);
  await page.getByText('Paused, new: 3').waitFor();
  await rowOf(page, 'x').getByText('before').waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();

  await rowOf(page, 'x').getByText('3').waitFor();
  await page.getByText('Messages: 4').first().waitFor();
  await page.close();
});

test('kept messages are cleared on the broker, one and all below a level', async () => {
  const { page, topic } = await openConsole();
  for (const name of ['one', 'a/two', 'a/three']) {
    await bench.native.publish(`${topic}/${name}`, 'stays', { retain: true, qos: 1 });
  }
  await rowOf(page, 'three').getByText('kept').waitFor();

  await rowOf(page, 'one').click();
  await page.getByRole('button', { name: 'Clear the kept message' }).click();
  page.once('dialog', (dialog) => dialog.accept());
  await page.getByRole('treegrid').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await page.getByRole('button', { name: 'Clear kept messages: 2' }).click();

  await page.locator('#detail-clear').waitFor({ state: 'hidden' });
  await bench.native.subscribe(`${topic}/#`);
  await bench.native.publish(`${topic}/end`, 'end', { qos: 2 });
  await bench.native.untilTexts(`${topic}/end`, 1);
  const kept = bench.native.messages.filter((one) => one.topic.startsWith(topic) && one.retain);
  assert.deepEqual(kept, []);
  await page.close();
});

test('numbers and JSON fields are plotted over time, with a table that says the same', async () => {
  const { page, topic } = await openConsole();
  for (const temp of [20, 22, 24])
    await bench.native.publish(`${topic}/t`, JSON.stringify({ temp }));
  await bench.native.publish(`${topic}/n`, '7');
  await rowOf(page, 'n').waitFor();

  await rowOf(page, 't').click();
  await page.getByRole('button', { name: 'Plot temp' }).click();
  await rowOf(page, 'n').click();
  await page.locator('#detail-plot').click();

  const table = page.locator('#plot-body');
  await table.getByRole('row', { name: `${topic}/t · temp` }).waitFor();
  assert.deepEqual(await cellsOf(page, 0), ['24', '20', '24', '22', '3']);
  assert.deepEqual(await cellsOf(page, 1), ['7', '7', '7', '7', '1']);
  await page.locator('#plot-chart canvas').waitFor();
  const name = await page
    .getByRole('img', { name: /^Plot over time of/ })
    .getAttribute('aria-label');
  assert.ok(name?.includes(`${topic}/t · temp, ${topic}/n`), String(name));

  await bench.native.publish(`${topic}/n`, '9');
  await until('the new value', async () => (await cellsOf(page, 1))[0] === '9');
  await page.getByRole('button', { name: `Take ${topic}/t · temp out of the plot` }).click();
  assert.equal(await table.getByRole('row').count(), 1);
  await page.getByRole('button', { name: `Take ${topic}/n out of the plot` }).click();
  await page.locator('#plot').waitFor({ state: 'hidden' });
  await page.close();
});

test('the plot is zoomed by buttons, by pointer and by fingers; the table follows', async () => {
  const { page, topic } = await openConsole();
  await page.evaluate(() => {
    // A minute in a moment.
    let now = Date.now();
    Date.now = () => (now += 10_000);
  });
  for (let value = 0; value < 9; value++) await bench.native.publish(topic, String(value));
  await page.getByText('Messages: 9').first().waitFor();
  await rowOf(page, lastLevel(topic)).click();
  await page.locator('#detail-plot').click();
  const values = async () => Number((await cellsOf(page, 0)).at(-1));
  const all = () => until('all values', async () => (await values()) === 9);
  const part = () => until('fewer values', async () => (await values()) < 9);
  const surface = page.locator('#plot-chart .u-over');
  await surface.waitFor();
  await all();

  await page.getByRole('button', { name: 'Zoom in' }).click();
  await part();
  await page.getByRole('button', { name: 'Show all' }).click();
  await all();
  await surface.scrollIntoViewIfNeeded();
  const box = /** @type {{ x: number, y: number, width: number, height: number }} */ (
    await surface.boundingBox()
  );
  await page.mouse.move(box.x + box.width / 4, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + 20, { steps: 4 });
  await page.mouse.up();
  await part();
  await surface.dblclick();
  await all();
  await pinch(page);

  await part();
  await page.close();
});

test('subscriptions and the broker survive that the page is loaded again; no password is stored', async () => {
  const { page, topic } = await openConsole();
  await page.getByRole('button', { name: 'Save broker' }).click();
  await page.getByLabel('Saved brokers').waitFor();
  const stored = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
  );
  assert.ok(stored.includes(bench.broker.login.username));
  assert.ok(!stored.includes(bench.broker.login.password));

  await page.reload();
  await page.getByRole('button', { name: `Unsubscribe from ${topic}/#` }).waitFor();
  assert.equal(
    await page.getByLabel('User name', { exact: true }).inputValue(),
    bench.broker.login.username,
  );
  assert.equal(await page.getByLabel('Password', { exact: true }).inputValue(), '');
  await page.getByLabel('Password', { exact: true }).fill(bench.broker.login.password);
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.locator('#status', { hasText: `Listening to ${topic}/#` }).waitFor();
  await bench.native.publish(`${topic}/again`, 'here');
  await rowOf(page, 'again').getByText('here').waitFor();

  await page.getByLabel('Broker', { exact: true }).fill('ws://other.example');
  await page.getByLabel('Saved brokers').selectOption({ index: 1 });
  assert.equal(await page.getByLabel('Broker', { exact: true }).inputValue(), bench.broker.ws);
  await page.getByRole('button', { name: 'Forget broker' }).click();
  await page.getByLabel('Saved brokers').waitFor({ state: 'hidden' });
  await page.close();
});

test('what is found is saved as CSV and as JSON', async () => {
  const { page, topic } = await openConsole();
  await bench.native.publish(`${topic}/a`, '=1+1');
  await bench.native.publish(`${topic}/b`, Buffer.from([0xff]));
  await page.getByText('Messages: 2').first().waitFor();

  const csv = await saved(page, 'Save as CSV');
  assert.match(csv, new RegExp(`,${topic}/a,0,false,4,text,'=1\\+1\\r\\n`));
  assert.match(csv, new RegExp(`,${topic}/b,0,false,1,hex,ff\\r\\n`));
  await page.getByLabel('Search topics and messages').fill(`${topic}/b`);
  await page.getByText('Found: 1').waitFor();
  const json = JSON.parse(await saved(page, 'Save as JSON'));

  assert.deepEqual(
    json.map((/** @type {any} */ one) => [one.topic, one.payload]),
    [[`${topic}/b`, 'ff']],
  );
  await page.close();
});

test('of many messages and topics only those in sight are in the page, and none is missing', async () => {
  const { page, topic } = await openConsole();

  for (let number = 0; number < 3_000; number++) {
    bench.native.client.publish(`${topic}/${number % 1_000}`, String(number));
  }
  await page.getByText('Messages: 3,000 · Topics: 1,000').waitFor();
  const rows = await page.locator('.grid-body > .grid-row').count();
  await page.getByRole('grid', { name: 'Messages' }).focus();
  await page.keyboard.press('End');

  assert.ok(rows < 100, `${rows}`);
  assert.equal(
    await page.getByRole('grid', { name: 'Messages' }).getAttribute('aria-rowcount'),
    '3001',
  );
  await page.locator('#messages [aria-selected=true]', { hasText: `${topic}/0` }).waitFor();
  await page.close();
});

test('what is read in the list stays where it is when more comes', async () => {
  const { page, topic } = await openConsole();
  for (let number = 0; number < 50; number++) await bench.native.publish(topic, `old ${number}`);
  await page.getByText('Messages: 50').first().waitFor();
  const list = page.getByRole('grid', { name: 'Messages' });
  await list.evaluate((element) => (element.scrollTop = 800));
  const place = () =>
    page.evaluate(() => {
      const { top } = /** @type {Element} */ (
        document.querySelector('#messages')
      ).getBoundingClientRect();
      const rows = [...document.querySelectorAll('#messages .grid-body > .grid-row:not([hidden])')];
      const row = rows.find((one) => one.getBoundingClientRect().top >= top + 50);
      return row?.querySelector('.cell-value')?.textContent;
    });
  const read = await until('a row in sight', place);

  for (let number = 0; number < 10; number++) await bench.native.publish(topic, `new ${number}`);
  await page.getByText('Messages: 60').first().waitFor();

  assert.equal(await place(), read);
  await page.close();
});

test('the console fits on a phone with everything in it', async () => {
  const { page, topic } = await openConsole();
  await page.setViewportSize({ width: 360, height: 740 });
  const long = `${topic}/${'long'.repeat(30)}`;
  await bench.native.publish(long, JSON.stringify({ temp: 21.5, text: 'x'.repeat(300) }), {
    retain: true,
  });
  await rowOf(page, lastLevel(long)).click();
  await page.getByRole('button', { name: 'Plot temp' }).click();
  await page.locator('#plot-chart canvas').waitFor();

  const width = await page.evaluate(() => document.documentElement.scrollWidth);

  assert.equal(width, 360);
  await page.close();
});

/** A console that is connected and listens below a topic of its own. */
async function openConsole() {
  const page = await bench.browser.newPage();
  const topic = uniqueTopic();
  await page.goto(`${bench.start}/?lang=en`);
  await page.locator('#controls:enabled').waitFor();
  await page.getByLabel('User name', { exact: true }).fill(bench.broker.login.username);
  await page.getByLabel('Password', { exact: true }).fill(bench.broker.login.password);
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByText(/^Connected to/).waitFor();
  await page.getByLabel('Topic to listen to').fill(`${topic}/#`);
  await page.getByRole('button', { name: 'Subscribe' }).click();
  await page.locator('#status', { hasText: `Listening to ${topic}/# with QoS 2.` }).waitFor();
  return { page, topic };
}

/** The row of a level in the tree. @param {Page} page @param {string} name */
const rowOf = (page, name) =>
  page.locator('#topics .grid-body > .grid-row:visible').filter({
    has: page.locator('.name').getByText(name, { exact: true }),
  });

/** @param {string} topic */
const lastLevel = (topic) => String(topic.split('/').at(-1));

/** The row that the keyboard is on. @param {Page} page */
const activeRow = (page) =>
  page.evaluate(() => {
    const id = document.querySelector('#topics')?.getAttribute('aria-activedescendant') ?? '';
    return document.getElementById(id)?.querySelector('.name')?.textContent;
  });

/** What the table says of a series: last, lowest, highest, mean, values. @param {Page} page @param {number} row */
const cellsOf = (page, row) =>
  page.evaluate((place) => {
    const cells = document.querySelectorAll(`#plot-body tr:nth-child(${place + 1}) td`);
    return [...cells].slice(0, 5).map(({ textContent }) => String(textContent));
  }, row);

/** Two fingers that go apart. @param {Page} page */
const pinch = (page) =>
  page.evaluate(() => {
    const surface = /** @type {Element} */ (document.querySelector('#plot-chart .u-over'));
    const { left, top, width } = surface.getBoundingClientRect();
    const send = (
      /** @type {string} */ type,
      /** @type {number} */ pointerId,
      /** @type {number} */ share,
    ) =>
      surface.dispatchEvent(
        new PointerEvent(type, {
          ...{ pointerType: 'touch', pointerId, bubbles: true },
          ...{ clientX: left + width * share, clientY: top + 20 },
        }),
      );
    send('pointerdown', 1, 0.4);
    send('pointerdown', 2, 0.6);
    send('pointermove', 1, 0.1);
    send('pointermove', 2, 0.9);
    send('pointerup', 1, 0.1);
    send('pointerup', 2, 0.9);
  });

/** The text of the file behind a button. @param {Page} page @param {string} name */
async function saved(page, name) {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name }).click();
  return readFileSync(await (await download).path(), 'utf8');
}
