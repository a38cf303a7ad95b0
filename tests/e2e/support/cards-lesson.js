// @ts-check
/**
 * A class server that others reach, on two computers without a way to any other (`two-computers.sh`):
 * `node cards-lesson.js FOLDER`. Its teacher prints cards for boards, and sees what everybody does.
 */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBroker } from '../../../scripts/broker.mjs';
import { EXECUTABLE, launchBrowser } from './browser.js';
import { cardsInEveryLanguage, printAndOpenCards } from './cards.js';
import { makeCertificates } from './certificates.js';
import { pictureOfClass } from './class-picture.js';
import { Cleanup } from './cleanup.js';

const [folder = ''] = process.argv.slice(2);
const FIRST = '192.168.77.1';
const WORD = 'kiwi-otter';

const cleanup = new Cleanup();
try {
  // Nobody else is on this network, and the pictures show them.
  const ports = { tcpPort: 1883, webSocketPort: 8083, pagesPort: 8000 };
  const server = cleanup.add(
    await startBroker({ host: '0.0.0.0', ...ports, more: ['--class-word', WORD] }),
    (it) => it.stop(),
  );
  const { ca } = makeCertificates(join(folder, 'certificates'), ['localhost']);
  const ofSecond = join(folder, 'browser-of-second');
  writeFileSync(ofSecond, `#!/bin/sh\nexec ip netns exec second '${EXECUTABLE}' "$@"\n`);
  chmodSync(ofSecond, 0o755);
  /** @param {string} name @param {string} executable */
  const browserOf = async (name, executable) =>
    cleanup.add(
      await launchBrowser({ folder: join(folder, name), ca, hosts: {}, executable }),
      (it) => it.close(),
    );
  const teacher = await (await browserOf('teacher', EXECUTABLE)).newPage();
  const phones = await browserOf('phone', ofSecond);
  await teacher.goto(`http://localhost:${server.pagesPort}/class?lang=en`);
  const start = `http://${FIRST}:${server.pagesPort}/`;
  await printAndOpenCards({ teacher, phones, start, port: server.tcpPort, word: WORD });
  await cardsInEveryLanguage(teacher);
  console.log('seen: cards');
  await teacher.emulateMedia({ media: null });
  await teacher.goto(`http://localhost:${server.pagesPort}/class?lang=en`);
  await pictureOfClass({ teacher, host: 'localhost', server });
  console.log('seen: tiles');
} finally {
  await cleanup.run();
}
