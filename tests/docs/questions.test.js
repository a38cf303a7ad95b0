// @ts-check
/** Where an answer is, and how many clicks away from the page where somebody begins. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linksOf, pageAt } from './support/pages.js';

const MOST_CLICKS = 2;
const README = 'README.md';
const DOCS = 'docs/README.md';

/**
 * Who asks what: where the search begins, the page of the answer, how many clicks that is, words of the answer.
 *
 * @type {Record<string, [string, string, string, number, RegExp][]>}
 */
const QUESTIONS = {
  pupil: [
    ['What do I do first?', README, 'docs/learn/first-lesson.md', 1, /two computers/],
    [
      'Why are my hats silent?',
      README,
      'docs/teachers/when-it-does-not-work.md',
      1,
      /“When” blocks stay silent/,
    ],
    [
      'The status says “hung up without an answer”.',
      README,
      'docs/reference/errors.md',
      1,
      /closed-before-connack/,
    ],
    [
      'What does the block “use room” do?',
      DOCS,
      'docs/reference/blocks.md',
      1,
      /a name before every topic/,
    ],
    ['What is a topic?', DOCS, 'docs/explanation/mqtt-in-ten-minutes.md', 1, /a path of words/],
    ['How does my ESP32 talk to Scratch?', README, 'docs/boards/arduino.md', 2, /ESP32/],
    [
      'Can two sprites talk at home, without a server?',
      DOCS,
      'docs/teachers/offline.md',
      1,
      /practice broker/,
    ],
  ],
  teacher: [
    ['How do I begin a lesson?', README, 'docs/teachers/class-setup.md', 1, /Let the class in/],
    [
      'Nobody gets to my computer over the Wi-Fi.',
      README,
      'docs/teachers/class-setup.md',
      1,
      /Client isolation/,
    ],
    ['How do the others get to my computer?', README, 'docs/teachers/class-page.md', 1, /QR code/],
    ['What does a red tile mean?', README, 'docs/teachers/class-page.md', 1, /two with this name/],
    [
      'Which broker shall I take for a lesson?',
      README,
      'docs/teachers/choose-a-broker.md',
      1,
      /class server/,
    ],
    [
      'May pupils send their names to a public broker?',
      DOCS,
      'docs/teachers/safety.md',
      1,
      /No surnames/,
    ],
    [
      'Who can read what my class publishes?',
      README,
      'docs/teachers/choose-a-broker.md',
      1,
      /everybody can read/,
    ],
    ['Does it work without internet?', DOCS, 'docs/teachers/offline.md', 1, /the one file/],
    ['Where does a password go?', DOCS, 'docs/teachers/logins.md', 1, /Broker login/],
    [
      'How do I open an old CodeLab project?',
      README,
      'docs/teachers/codelab-projects.md',
      1,
      /CodeLab/,
    ],
  ],
  programmer: [
    ['How do I begin?', README, 'docs/learn/first-program.md', 1, /button\.html/],
    ['How do I use it with Vite?', DOCS, 'docs/programmers/vite.md', 1, /vite build/],
    [
      'Why does Node 20 say no-websocket?',
      DOCS,
      'docs/programmers/node.md',
      1,
      /Node 20 and 21 have no WebSocket/,
    ],
    ['How do I do request and response?', DOCS, 'docs/programmers/recipes.md', 1, /Response Topic/],
    [
      'What is lost while the Wi-Fi is away?',
      README,
      'docs/explanation/qos-and-what-is-lost.md',
      1,
      /QoS 0 subscription: lost/,
    ],
    [
      'When does it connect again?',
      DOCS,
      'docs/explanation/sessions-and-reconnecting.md',
      1,
      /exponential backoff/,
    ],
    [
      'Do messages survive a reload of the page?',
      DOCS,
      'docs/explanation/sessions-and-reconnecting.md',
      1,
      /`keepSession: true`/,
    ],
    ['How long may a message be?', README, 'docs/reference/limits.md', 1, /1 MB/],
  ],
  operator: [
    ['How do I set up mosquitto?', README, 'docs/operators/mosquitto.md', 1, /password_file/],
    [
      'Does NATS keep retained messages for wildcards?',
      README,
      'docs/reference/brokers.md',
      1,
      /retained, wildcard subscription/,
    ],
    [
      'One of our servers may fail.',
      README,
      'docs/operators/district.md',
      2,
      /when it fails, the next/,
    ],
    [
      'How does each class get topics of its own?',
      DOCS,
      'docs/operators/district.md',
      1,
      /class-5a/,
    ],
    ['How do I get wss:// on my network?', DOCS, 'docs/operators/tls.md', 1, /ssl_certificate/],
    [
      'Which CORS headers does mqtt.js need?',
      DOCS,
      'docs/operators/hosting.md',
      1,
      /Access-Control-Allow-Origin/,
    ],
    [
      'Which ports does the class server use?',
      README,
      'docs/operators/class-server.md',
      1,
      /--mqtt-port/,
    ],
    [
      'What does the class server store, and how long?',
      README,
      'docs/operators/class-server.md',
      1,
      /What is stored/,
    ],
  ],
  contributor: [
    ['What do I install to run the tests?', README, 'docs/contributing/setup.md', 1, /apt install/],
    ['How do I add a block?', README, 'CONTRIBUTING.md', 1, /Add a block/],
    ['How do I add a language?', README, 'CONTRIBUTING.md', 1, /Add a language/],
    ['Which part may know what?', DOCS, 'docs/contributing/architecture.md', 1, /never knows/],
    [
      'Why is the protocol a pure value?',
      DOCS,
      'docs/contributing/decisions/0004-protocol-as-a-pure-value.md',
      2,
      /pure/,
    ],
    ['What is checked before a release?', DOCS, 'docs/contributing/release.md', 1, /npm run soak/],
  ],
};

for (const [role, asked] of Object.entries(QUESTIONS)) {
  for (const [question, from, to, clicks, answer] of asked) {
    test(`${role}: ${question} ${to}, clicks: ${clicks}`, () => {
      assert.equal(clicksBetween(from, to), clicks);
      assert.ok(clicks <= MOST_CLICKS);
      assert.match(pageAt(to).text, answer);
    });
  }
}

/** The fewest, along links of pages. @param {string} from @param {string} to */
function clicksBetween(from, to) {
  let near = new Set([from]);
  let clicks = 0;
  for (; clicks <= MOST_CLICKS && !near.has(to); clicks += 1) {
    const pages = [...near].filter((path) => path.endsWith('.md'));
    const linked = pages.flatMap((path) => linksOf(pageAt(path)).map((it) => it.path));
    near = new Set([...near, ...linked]);
  }
  return clicks;
}
