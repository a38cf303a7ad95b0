// @ts-check
/** Cards for boards: a teacher prints them, and a phone takes a picture of one. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import decodeQR from 'qr/decode.js';
import { PAGE_LANGUAGES } from '../../../extension/texts/languages.js';
import { violations } from './axe.js';
import { until } from './wait.js';

/** As people call one. */
const GROUP = `L'équipe "A" 😀`;

/**
 * @param {object} room
 * @param {import('playwright-core').Page} room.teacher the class page
 * @param {import('playwright-core').BrowserContext} room.phones on another computer
 * @param {string} room.start the address of the pages there
 * @param {number} room.port for boards
 * @param {string} room.word of the class
 */
export async function printAndOpenCards({ teacher, phones, start, port, word }) {
  const { hostname } = new URL(start);
  const which = teacher.getByLabel('How many boards, or their names');
  const show = teacher.getByRole('button', { name: 'Show the cards' });
  const cards = teacher.locator('#cards .card');
  assert.equal(await which.inputValue(), '10 boards');
  await show.click();
  await until('ten cards', async () => (await cards.count()) === 10);
  await printed(teacher, 2, 'ten-cards');
  await which.fill('8');
  await show.click();
  await until('eight cards', async () => (await cards.count()) === 8);
  await printed(teacher, 1, 'eight-cards');
  await which.fill('100');
  await show.click();
  await teacher.getByText('at most 60').waitFor();
  assert.equal(await cards.count(), 0);

  await which.fill('Ada, 风扇, <b>lamp</b>');
  const micropython = 'ESP8266, ESP32, Pico W: MicroPython, umqtt.simple';
  await teacher.locator('#cards-board').selectOption(micropython);
  await show.click();
  for (const line of ['Ada', hostname, `${port}`, 'class', word, 'Ada/led', 'Ada/status']) {
    await cards.first().getByText(line, { exact: true }).waitFor();
  }
  await cards.nth(2).getByText('<b>lamp</b>/button').waitFor();
  await teacher.locator('#groups').fill(GROUP);
  await teacher.getByRole('button', { name: 'Save the groups' }).click();
  await teacher.locator('#cards-room').selectOption(GROUP);
  await show.click();
  await cards.first().getByText(`${GROUP}/Ada/led`, { exact: true }).waitFor();
  assert.deepEqual(await violations(teacher), []);
  await printed(teacher, 1, 'cards');
  await picture(teacher, 'cards-page');

  const address = await pictured(cards.nth(1).getByRole('img'));
  const { origin, pathname, hash } = new URL(address);
  assert.equal(origin + pathname, `${start}board`);
  assert.equal(decodeURIComponent(hash), `#${word}`);
  assert.ok(!address.split('#')[0]?.includes(word));
  const phone = await phones.newPage();
  await phone.setViewportSize({ width: 360, height: 740 });
  await phone.goto(address);
  const program = phone.getByLabel('The program', { exact: true });
  await until('the program', async () => (await program.inputValue()).includes('umqtt'));
  const shown = await program.inputValue();
  for (const line of [
    `BROKER = "${hostname}"`,
    `PORT = ${port}`,
    'NAME = "风扇"',
    `PASSWORD = "${word}"`,
    `TOPIC = ${JSON.stringify(`${GROUP}/风扇`)}`,
  ]) {
    assert.ok(shown.includes(`\n${line} `) || shown.includes(`\n${line}\n`), line);
  }
  assert.ok(!phone.url().includes('#'), phone.url());
  assert.deepEqual(await violations(phone), []);
  assert.ok(await phone.evaluate(() => document.body.scrollWidth <= innerWidth));
  await picture(phone, 'board-page');
  await phone.reload();
  await until('the program again', async () => (await program.inputValue()) === shown, {
    seen: () => program.inputValue(),
  });

  // A pupil is not shown the word, so the code of a pupil has none.
  await phone.goto(`${start}?lang=en`);
  const own = phone.getByRole('img', { name: 'Code that opens this program on a phone' });
  assert.equal(new URL(await pictured(own)).hash, '');
  await phone.close();
}

/**
 * Eight cards are on a sheet in every language, each address on one line.
 *
 * @param {import('playwright-core').Page} page the class page
 */
export async function cardsInEveryLanguage(page) {
  await page.emulateMedia({ media: 'print' });
  for (const lang of PAGE_LANGUAGES) {
    await page.goto(`${new URL(page.url()).origin}/class?lang=${lang}`);
    await page.locator('#cards-which').evaluate((field) => {
      const input = /** @type {HTMLInputElement} */ (field);
      input.value = '8';
      input.form?.requestSubmit();
    });
    // The page may still ask where boards find this computer.
    await page.locator('#cards .card').nth(7).waitFor({ state: 'attached' });
    const lines = await page.locator('.card dl:first-of-type dd').evaluateAll((all) =>
      all.map((one) => {
        const range = document.createRange();
        range.selectNodeContents(one);
        return range.getClientRects().length;
      }),
    );
    assert.deepEqual(lines, Array(8 * 4).fill(1), lang);
    await printed(page, 1, `cards-${lang}`);
  }
}

/** @param {import('playwright-core').Page} page @param {number} sheets @param {string} name */
async function printed(page, sheets, name) {
  const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
  assert.equal(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length, sheets);
  if (process.env.PICTURES) writeFileSync(join(process.env.PICTURES, `${name}.pdf`), pdf);
}

/** What a camera reads. @param {import('playwright-core').Locator} code @returns {Promise<string>} */
async function pictured(code) {
  const { width, height, pixels } = await code.evaluate(async (one) => {
    const image = /** @type {HTMLImageElement} */ (one);
    await image.decode();
    const side = 600;
    const canvas = new OffscreenCanvas(side, side);
    const paper = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    paper.drawImage(image, 0, 0, side, side);
    const { data } = paper.getImageData(0, 0, side, side);
    return { width: side, height: side, pixels: [...data] };
  });
  return decodeQR({ width, height, data: Uint8Array.from(pixels) }, { timeLimit: 10_000 });
}

/** @param {import('playwright-core').Page} page @param {string} name */
async function picture(page, name) {
  if (process.env.PICTURES)
    await page.screenshot({ path: join(process.env.PICTURES, `${name}.png`), fullPage: true });
}
