// @ts-check
/** A class at work, as its teacher sees it: the picture of `docs/teachers/class-page.md`. */
import { fileURLToPath } from 'node:url';
import mqtt from 'mqtt';
import { takePart } from './pictures.js';

const PROJECT = fileURLToPath(
  new URL('../../../examples/projects/weather-station.sb3', import.meta.url),
);
const RED = ['Ada', 'Alan', 'Karl', 'Linus', 'Marie'];
const BLUE = ['Emmy', 'Grace', 'Hedy', 'Mary'];
const BOARDS = ['board-1', 'board-2', 'door-bell'];
/** More often than the class server lets one publish. */
const HASTE_MS = 10;

/**
 * @param {object} room
 * @param {import('playwright-core').Page} room.teacher the class page
 * @param {string} room.host where the server is
 * @param {import('../../../scripts/broker.mjs').Broker} room.server
 */
export async function pictureOfClass({ teacher, host, server }) {
  const pages = `ws://${host}:${server.webSocketPort}/mqtt`;
  const boards = `mqtt://${host}:${server.tcpPort}`;
  /** @param {string} url @param {string} clientId @param {object} [more] */
  const joined = async (url, clientId, more) => {
    const client = await mqtt.connectAsync(url, { clientId, reconnectPeriod: 0, ...more });
    // One that another takes the name of.
    client.on('error', () => {});
    return client;
  };
  const all = await Promise.all([
    ...RED.map((name, at) => joined(pages, `${name} · Red #000${at}`)),
    ...BLUE.map((name, at) => joined(pages, `${name} · Blue #001${at}`)),
    ...BOARDS.map((name) => joined(boards, name)),
  ]);
  const hasty = await joined(pages, 'Tim · Red #0020');
  const haste = setInterval(() => hasty.publish('room/mouse', 'moved'), HASTE_MS);
  const weather = await joined(boards, 'weather');
  weather.stream.destroy();
  await (await joined(pages, 'Joan · Blue #0021')).endAsync();
  await joined(boards, 'robot-7', { username: 'guest', password: 'wrong' }).catch(() => {});
  for (let round = 0; round < 5; round += 1) all.push(await joined(boards, 'MicroBlocks_client'));
  try {
    await teacher.setViewportSize({ width: 1100, height: 900 });
    await teacher.getByLabel('Groups, with commas between them').fill('Red, Blue');
    await teacher.getByRole('button', { name: 'Save the groups' }).click();
    await teacher.getByText('Saved. Whoever opens').waitFor();
    await teacher.getByLabel('The lesson’s project (.sb3)').setInputFiles(PROJECT);
    await teacher.getByText('The lesson’s project: weather-station.sb3').waitFor();
    await teacher.getByLabel('How many boards, or their names').fill('3 boards');
    await teacher.getByRole('button', { name: 'Show the cards' }).click();
    await teacher.locator('#cards .card').nth(2).waitFor();
    for (const name of [
      /robot-7.*refused/,
      /MicroBlocks_client.*two with this name/,
      /Tim · Red.*too fast/,
      /weather.*connection lost/,
      /Ada · Red.*here/,
      /Joan · Blue.*has left/,
    ]) {
      await teacher.getByRole('button', { name }).waitFor();
    }
    await takePart(teacher.locator('body'), 'class');
  } finally {
    clearInterval(haste);
    await Promise.all([...all, hasty].map((client) => client.endAsync(true)));
  }
}
