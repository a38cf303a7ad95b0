// @ts-check
/** Where an answer is, and how many clicks away from the page where somebody begins. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linksOf, pageAt } from './support/pages.js';

const CLICKS = 2;

/** Question, where it is asked, page of the answer, words of the answer. @type {[string, string, string, RegExp][]} */
const QUESTIONS = [
  [
    'What does the block “use room” do?',
    'docs/README.md',
    'docs/reference/blocks.md',
    /a name before every topic/,
  ],
  [
    'What is a topic?',
    'docs/README.md',
    'docs/explanation/mqtt-in-ten-minutes.md',
    /a path of words/,
  ],
  [
    'The status says “hung up without an answer”.',
    'README.md',
    'docs/reference/errors.md',
    /closed-before-connack/,
  ],
  ['What do I do first?', 'README.md', 'docs/learn/first-lesson.md', /two computers/],
  [
    'Why are my hats silent?',
    'README.md',
    'docs/teachers/when-it-does-not-work.md',
    /“When” blocks stay silent/,
  ],
  [
    'Nobody gets to my computer over the Wi-Fi.',
    'README.md',
    'docs/teachers/class-setup.md',
    /Client isolation/,
  ],
  [
    'May pupils send their names to a public broker?',
    'docs/README.md',
    'docs/teachers/safety.md',
    /No surnames/,
  ],
  ['How does my ESP32 talk to Scratch?', 'README.md', 'docs/boards/arduino.md', /ESP32/],
  [
    'Which broker shall I take for a lesson?',
    'README.md',
    'docs/teachers/choose-a-broker.md',
    /class server/,
  ],
  [
    'Who can read what my class publishes?',
    'README.md',
    'docs/teachers/choose-a-broker.md',
    /everybody can read/,
  ],
  ['How do the others get to my computer?', 'README.md', 'docs/teachers/class-page.md', /QR code/],
  ['Where does a password go?', 'docs/README.md', 'docs/teachers/logins.md', /Broker login/],
  [
    'Does it work without internet?',
    'docs/README.md',
    'docs/teachers/offline.md',
    /practice broker/,
  ],
  [
    'How do I open an old CodeLab project?',
    'README.md',
    'docs/teachers/codelab-projects.md',
    /CodeLab/,
  ],
  ['How do I use it with Vite?', 'docs/README.md', 'docs/programmers/vite.md', /vite build/],
  [
    'Why is the address refused in Node 20?',
    'docs/README.md',
    'docs/programmers/node.md',
    /Node 20 needs/,
  ],
  [
    'How do I do request and response?',
    'docs/README.md',
    'docs/programmers/recipes.md',
    /Response Topic/,
  ],
  [
    'What is lost while the Wi-Fi is away?',
    'README.md',
    'docs/explanation/qos-and-what-is-lost.md',
    /QoS 0 subscription: lost/,
  ],
  ['How do I set up mosquitto?', 'README.md', 'docs/operators/mosquitto.md', /password_file/],
  [
    'Does NATS keep retained messages for wildcards?',
    'README.md',
    'docs/reference/brokers.md',
    /retained/i,
  ],
  [
    'How do I get wss:// on my network?',
    'docs/README.md',
    'docs/operators/tls.md',
    /ssl_certificate/,
  ],
  [
    'Which CORS headers does mqtt.js need?',
    'docs/README.md',
    'docs/operators/hosting.md',
    /Access-Control-Allow-Origin/,
  ],
  ['How long may a message be?', 'README.md', 'docs/reference/limits.md', /1 MB/],
  ['What do I install to run the tests?', 'README.md', 'docs/contributing/setup.md', /apt install/],
  [
    'Why is the protocol a pure value?',
    'docs/README.md',
    'docs/contributing/decisions/0004-protocol-as-a-pure-value.md',
    /pure/,
  ],
  ['How do I add a block?', 'README.md', 'CONTRIBUTING.md', /Add a block/],
];

for (const [question, from, to, answer] of QUESTIONS) {
  test(`${question} (${to})`, () => {
    let near = new Set([from]);
    let clicks = 0;
    for (; clicks < CLICKS && !near.has(to); clicks += 1) {
      const pages = [...near].filter((path) => path.endsWith('.md'));
      near = new Set([
        ...near,
        ...pages.flatMap((path) => linksOf(pageAt(path)).map((it) => it.path)),
      ]);
    }

    assert.ok(near.has(to), `more than ${CLICKS} clicks from ${from}`);
    assert.match(pageAt(to).text, answer);
  });
}
