// @ts-check
/** Each row of "what was seen, and the sentence for it", made by a real server or a real browser. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createWebServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { WebSocketServer } from 'ws';
import { PracticeSocket } from '../../extension/practice/socket.js';
import { makeBroker } from '../../extension/practice/worker/broker.js';
import { Connection } from '../../extension/practice/worker/connection.js';
import { ROWS, rowFor, subscribeSentence } from '../../extension/status/reasons.js';
import { BROKER_NAME, openBench } from './support/bench.js';
import { launchBrowser } from './support/browser.js';
import { KeptPage } from './support/kept-page.js';
import { startLocalBroker } from './support/local-broker.js';
import { PASSWORD, USER } from './support/mosquitto.js';
import { uniqueClientId } from './support/names.js';
import { NodeClient } from './support/node-client.js';
import { LOOPBACK, freePorts } from './support/ports.js';

/** @typedef {import('../../extension/status/reasons.js').Circumstances} Circumstances */
/** @typedef {import('../../extension/client/types.js').CloseReason} CloseReason */

/** What asks for the permissions, as a page can load it. */
const LOCAL_NETWORK = readFileSync(
  new URL('../../extension/status/local-network.js', import.meta.url),
  'utf8',
);
const LOGIN = { username: USER, password: PASSWORD };
/** Three drops each, with the pauses between attempts. */
const TWINS_MS = 60_000;

/** @type {import('./support/bench.js').Bench} */
let bench;
/** @type {import('./support/local-broker.js').LocalBroker} */
let local;
/** The rows that a test has said. @type {Set<object>} */
const said = new Set();

before(async () => {
  bench = await openBench();
  local = bench.cleanup.add(await startLocalBroker(), (it) => it.stop());
});
after(() => bench?.cleanup.run());

/**
 * The sentence for an end.
 *
 * @param {CloseReason} reason
 * @param {string} url
 * @param {Partial<Circumstances> & { host?: string, port?: number, shown?: string }} [more] `host`: where the server would
 *   stand; `shown`: how it was asked for
 */
function sentenceFor(reason, url, { host, port, shown = url, ...more } = {}) {
  const { hostname, protocol, port: typed } = new URL(url);
  const isSecure = protocol === 'wss:';
  const broker = { host: host ?? hostname, port: port ?? Number(typed), shown, isSecure };
  const row = rowFor(reason, {
    ...{ broker, isOnline: true, hasLogin: true, lastTopic: null, own: null },
    ...more,
  });
  said.add(row);
  return row.says;
}

/** @param {any} options of the client @param {(client: NodeClient) => void} [act] when connected */
async function endInNode(options, act) {
  const client = new NodeClient({ reconnect: false, ...options });
  if (act) await client.untilEvent('connected').then(() => act(client));
  const { reason } = await client.untilEvent('disconnected');
  client.die();
  return /** @type {CloseReason} */ (reason);
}

/** How the browser reports it. @param {import('playwright-core').Page} page @param {string} url */
const endInPage = (page, url) =>
  page.evaluate(
    async ([module, wanted]) => {
      const { default: init, MqttClient } = await import(String(module));
      await init();
      const client = new MqttClient();
      const reason = await new Promise((resolve) => {
        client.onevent = (/** @type {any} */ event) => {
          if (event.type === 'disconnected') resolve(event.reason);
        };
        client.connect({ url: wanted, reconnect: false });
      });
      return { reason, isOnline: navigator.onLine };
    },
    [`${bench.start}/split/mqtt.mjs`, url],
  );

/** @param {string} address */
async function openPage(address) {
  const page = await bench.browser.newPage();
  await page.goto(address);
  return page;
}

/** @param {import('node:net').Server} server @returns {Promise<number>} its port */
async function listening(server) {
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  bench.cleanup.add(server, (it) => void it.close());
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
}

/** A server that answers CONNECT, and what follows. @param {(send: (bytes: number[]) => void) => void} answer */
async function brokerThat(answer) {
  const server = new WebSocketServer({ host: LOOPBACK, port: 0 });
  await once(server, 'listening');
  bench.cleanup.add(server, (it) => {
    for (const client of it.clients) client.terminate();
    it.close();
  });
  server.on('connection', (socket) => {
    socket.once('message', () => answer((bytes) => socket.send(Uint8Array.from(bytes))));
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return `ws://localhost:${port}/mqtt`;
}

/** @param {any} options of the client @param {string[]} filters @param {string} refused */
async function refusalOf(options, filters, refused) {
  const client = await NodeClient.connect(options);
  for (const filter of filters) client.request(filter);
  const event = await client.untilEvent('subscribeFailed', ({ filter }) => filter === refused);
  client.die();
  return { code: event.reasonCode, says: subscribeSentence(event).key };
}

/** @param {number} code */
const connack = (code) => [0x20, 3, 0, code, 0];
/** @param {number} code */
const disconnect = (code) => [0xe0, 2, code, 0];

for (const [code, inConnack, inDisconnect] of /** @type {[number, string?, string?][]} */ ([
  [0x80, 'reason.refused', 'reason.disconnected'],
  [0x81, 'reason.not-understood', 'reason.not-understood'],
  [0x82, 'reason.not-understood', 'reason.not-understood'],
  [0x83, 'reason.refused', 'reason.disconnected'],
  [0x85, 'reason.client-name'],
  [0x86, 'reason.login'],
  [0x87, 'reason.login', 'reason.not-allowed'],
  [0x88, 'reason.busy'],
  [0x89, 'reason.busy', 'reason.busy'],
  [0x8a, 'reason.banned'],
  [0x8b, undefined, 'reason.busy'],
  [0x8c, 'reason.login-kind'],
  [0x8d, undefined, 'reason.too-quiet'],
  [0x8e, undefined, 'reason.name-in-use'],
  [0x8f, undefined, 'reason.not-allowed'],
  [0x90, 'reason.will', 'reason.not-allowed'],
  [0x93, undefined, 'reason.not-understood'],
  [0x94, undefined, 'reason.not-understood'],
  [0x95, 'reason.will', 'publish.too-large'],
  [0x96, undefined, 'reason.too-much'],
  [0x97, 'reason.busy', 'reason.too-much'],
  [0x98, undefined, 'reason.banned'],
  [0x99, 'reason.will', 'publish.refused'],
  [0x9a, 'reason.will', 'publish.retain-not-supported'],
  [0x9b, 'reason.will', 'publish.qos-not-supported'],
  [0x9c, 'reason.moved', 'reason.moved'],
  [0x9d, 'reason.moved', 'reason.moved'],
  [0x9e, undefined, 'reason.not-allowed'],
  [0x9f, 'reason.busy', 'reason.busy'],
  [0xa0, undefined, 'reason.time-over'],
  [0xa1, undefined, 'reason.not-allowed'],
  [0xa2, undefined, 'reason.not-allowed'],
])) {
  test(`a broker that answers 0x${code.toString(16)}`, async () => {
    for (const [sentence, answer] of /** @type {const} */ ([
      [inConnack, [connack(code)]],
      [inDisconnect, [connack(0), disconnect(code)]],
    ])) {
      if (sentence === undefined) continue;
      const url = await brokerThat((send) => answer.forEach((bytes) => send([...bytes])));

      const reason = await endInNode({ url, version: '5.0' });

      assert.equal(reason.reasonCode, code);
      assert.equal(sentenceFor(reason, url), sentence);
    }
  });
}

for (const [number, sentence] of /** @type {[number, string][]} */ ([
  [1, 'reason.version'],
  [2, 'reason.client-name'],
  [3, 'reason.busy'],
  [4, 'reason.login'],
  [5, 'reason.login'],
  [6, 'reason.refused'],
  [7, 'reason.refused'],
])) {
  test(`a broker of 3.1.1 that answers ${number}`, async () => {
    const url = await brokerThat((send) => send([0x20, 2, 0, number]));

    const reason = await endInNode({ url, version: '3.1.1' });

    assert.equal(sentenceFor(reason, url), sentence);
  });
}

test('a broker that ends the connection after something was sent names its topic', async () => {
  const url = await brokerThat((send) => [connack(0), disconnect(0x87)].forEach(send));

  const reason = await endInNode({ url, version: '5.0' });

  assert.equal(sentenceFor(reason, url, { lastTopic: 'a' }), 'reason.lost-after');
});

test('mosquitto refuses a wrong login, and one that was not given', async () => {
  const url = bench.broker.ws;

  const wrong = await endInNode({ url, username: 'ada', password: 'wrong' });
  const none = await endInNode({ url });

  assert.equal(sentenceFor(wrong, url), 'reason.login');
  assert.equal(sentenceFor(none, url, { hasLogin: false }), 'reason.login-needed');
  assert.equal(sentenceFor(none, url, { shown: 'class', hasLogin: false }), 'reason.class-word');
});

test('a broker ends the older of two clients with one name, and says so in 5.0', async () => {
  // mosquitto 2.0.11 says it over TCP only.
  const { ws: url } = local;
  const options = { url, clientId: uniqueClientId('twin'), version: '5.0' };
  /** @type {NodeClient | undefined} */
  let newer;

  const reason = await endInNode(options, () => {
    newer = new NodeClient(options);
  });

  newer?.die();
  assert.equal(reason.reasonCode, 0x8e);
  assert.equal(sentenceFor(reason, url), 'reason.name-in-use');
});

test('mosquitto throws two clients with one name out in turn, and in 3.1.1 that is guessed', async () => {
  const url = bench.broker.ws;
  const options = { url, ...LOGIN, clientId: uniqueClientId('twin'), version: '3.1.1' };
  const twins = [new NodeClient(options), new NodeClient(options)];

  const isGuess = (/** @type {any} */ { reason }) => reason.code === 'name-in-use';
  const event = await Promise.race(
    twins.map((twin) => twin.untilEvent('disconnected', isGuess, TWINS_MS)),
  );

  for (const twin of twins) twin.die();
  assert.equal(sentenceFor(event.reason, url), 'reason.name-guess');
  assert.ok(event.retryInMs > 0, 'it is a guess, and tried again');
});

test('of two pages with one kept session the second gets the reason', async () => {
  const options = { clientId: uniqueClientId('tabs') };
  const first = new KeptPage(bench, bench.broker.ws, options);
  const second = new KeptPage(bench, bench.broker.ws, options);
  await first.open();
  await first.untilEvent('connected');
  await second.open();
  await second.untilEvent('disconnected');

  const [{ reason }] = await second.events();

  assert.equal(reason.code, 'session-in-use');
  assert.equal(sentenceFor(reason, bench.broker.ws), 'reason.name-in-use');
  await second.close();
  await first.close();
});

test('a broker that takes no wildcards, and one that takes no more topics', async () => {
  // Wildcard Subscription Available: no.
  const url = await brokerThat((send) => send([0x20, 5, 0, 0, 2, 0x28, 0]));
  const without = await refusalOf({ url, version: '5.0' }, ['room/+'], 'room/+');
  const many = Array.from({ length: 251 }, (_, index) => `room/${index}`);
  const full = await refusalOf({ url: local.ws, version: '5.0' }, many, 'room/250');

  assert.deepEqual(without, { code: 0xa2, says: 'subscribe.no-wildcards' });
  assert.deepEqual(full, { code: 0x97, says: 'subscribe.too-many' });
});

test('a server that says nothing, hangs up, or speaks something else', async () => {
  const open = { connectTimeoutMs: 300 };
  const silent = await brokerThat(() => {});
  const wrong = await brokerThat((send) => send([0xd0, 0]));
  const port = await listening(createServer((socket) => socket.resume()));
  const dead = `ws://localhost:${port}/mqtt`;
  const closing = new WebSocketServer({ host: LOOPBACK, port: 0 });
  await once(closing, 'listening');
  bench.cleanup.add(closing, (it) => void it.close());
  closing.on('connection', (socket) => socket.once('message', () => socket.terminate()));
  const { port: closingPort } = /** @type {import('node:net').AddressInfo} */ (closing.address());
  const hangsUp = `ws://localhost:${closingPort}/`;

  const unanswered = await endInNode({ url: silent, ...open });
  const swallowed = await endInNode({ url: dead, ...open });

  assert.equal(sentenceFor(unanswered, silent), 'reason.connect-timeout-opened');
  assert.equal(sentenceFor(swallowed, dead), 'reason.connect-timeout-opened');
  const far = { host: BROKER_NAME };
  assert.equal(sentenceFor(swallowed, dead, far), 'reason.connect-timeout');
  assert.equal(sentenceFor(swallowed, dead, { ...far, isOnline: false }), 'reason.offline');
  assert.equal(sentenceFor(await endInNode({ url: wrong }), wrong), 'reason.protocol');
  assert.equal(
    sentenceFor(await endInNode({ url: hangsUp, version: '5.0' }), hangsUp),
    'reason.closed-before-connack',
  );
});

test('a connection that is lost, closed, or that does not answer any more', async () => {
  const server = new WebSocketServer({ host: LOOPBACK, port: 0 });
  await once(server, 'listening');
  bench.cleanup.add(server, (it) => void it.close());
  server.on('connection', (socket) =>
    socket.on('message', () => socket.send(Uint8Array.from(connack(0)))),
  );
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const url = `ws://localhost:${port}/mqtt`;
  const cut = () => server.clients.forEach((client) => client.terminate());

  const lost = await endInNode({ url }, cut);
  const far = { host: BROKER_NAME };
  assert.equal(sentenceFor(lost, url), 'reason.lost');
  assert.equal(sentenceFor(lost, url, { lastTopic: 'a' }), 'reason.lost-after');
  assert.equal(sentenceFor(lost, url, { ...far, isOnline: false }), 'reason.offline');
  const closed = await endInNode({ url }, (client) => client.end());
  assert.equal(sentenceFor(closed, url), 'state.closed');

  const silent = await brokerThat((send) => send(connack(0)));
  const quiet = await endInNode({ url: silent, keepAliveSeconds: 1, pingTimeoutMs: 200 });
  assert.equal(sentenceFor(quiet, silent), 'reason.ping-timeout');
  assert.equal(sentenceFor(quiet, silent, { ...far, isOnline: false }), 'reason.offline');
});

test('a server that keeps a request for seconds, as a filter in the network does', async () => {
  const port = await listening(
    createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => setTimeout(() => socket.destroy(), 2100));
    }),
  );
  const url = `ws://localhost:${port}/mqtt`;

  const reason = await endInNode({ url });

  assert.equal(sentenceFor(reason, url, { host: 'teacher.local' }), 'reason.unreachable');
  assert.equal(sentenceFor(reason, url, { host: BROKER_NAME, port: 443 }), 'reason.unreachable');
  assert.equal(sentenceFor(reason, url, { host: BROKER_NAME }), 'reason.port-blocked');
});

test('in a browser: nothing listens, a web server, a wrong path, and wss:// to a plain port', async () => {
  const page = await openPage(bench.start);
  const [free] = await freePorts(1);
  const web = await listening(createWebServer((_, response) => response.writeHead(404).end()));
  const { ws, tcp, wss } = bench.broker.ports;
  // The certificate is for other names than this.
  for (const [url, sentence] of [
    [`ws://localhost:${free}/mqtt`, 'reason.nothing-here'],
    [`ws://localhost:${web}/mqtt`, 'reason.nothing-here'],
    [`ws://localhost:${tcp}/mqtt`, 'reason.nothing-here'],
    [`ws://${BROKER_NAME}:${free}/mqtt`, 'reason.nothing-answers'],
    [`ws://${BROKER_NAME}:${web}/wrong`, 'reason.nothing-answers'],
    [`wss://localhost:${ws}/mqtt`, 'reason.certificate'],
    [`wss://a.localhost:${wss}/mqtt`, 'reason.certificate'],
  ]) {
    const { reason } = await endInPage(page, String(url));

    assert.equal(sentenceFor(reason, String(url)), sentence, url);
  }
  const away = `ws://localhost:${free}/mqtt`;
  const { reason: ofClass } = await endInPage(page, away);
  assert.equal(sentenceFor(ofClass, away, { shown: 'class' }), 'reason.class-away');
  const plain = `wss://localhost:${ws}/mqtt`;
  const { reason } = await endInPage(page, plain);
  assert.equal(sentenceFor(reason, plain, { host: 'teacher.local' }), 'reason.certificate');
  await page.close();
});

test('in a browser without network, this computer is not "no network"', async () => {
  const page = await openPage(bench.start);
  const here = `ws://localhost:${bench.broker.ports.ws}/mqtt`;
  const far = `wss://${BROKER_NAME}:8084/mqtt`;
  await page.evaluate(
    (module) => import(String(module)).then(({ default: init }) => init()),
    `${bench.start}/split/mqtt.mjs`,
  );
  await page.context().setOffline(true);

  const endHere = await endInPage(page, here);
  const endFar = await endInPage(page, far);

  await page.context().setOffline(false);
  assert.equal(endHere.isOnline, false);
  assert.notEqual(sentenceFor(endHere.reason, here, { isOnline: false }), 'reason.offline');
  assert.equal(sentenceFor(endFar.reason, far, { isOnline: false }), 'reason.offline');
  await page.close();
});

test('in a browser: the page, its policy or the port forbid it', async () => {
  const secure = await openPage(`${bench.secureOrigin}/program`);
  const insecure = `ws://${BROKER_NAME}:8083/mqtt`;
  const onSecure = await endInPage(secure, insecure);
  assert.equal(sentenceFor(onSecure.reason, insecure), 'address.insecure');
  await secure.close();

  const strict = await openPage(`${bench.origin}/program`);
  await strict.evaluate(() => {
    const meta = document.createElement('meta');
    meta.httpEquiv = 'Content-Security-Policy';
    meta.content = 'connect-src http://localhost:*';
    document.head.append(meta);
  });
  const forbidden = `ws://${BROKER_NAME}:8083/mqtt`;
  const inStrict = await endInPage(strict, forbidden);
  assert.equal(sentenceFor(inStrict.reason, forbidden), 'reason.page-forbids');
  await strict.close();

  const page = await openPage(bench.start);
  const closedPort = 'ws://localhost:6000/mqtt';
  const onPort = await endInPage(page, closedPort);
  assert.equal(sentenceFor(onPort.reason, closedPort), 'reason.port-forbidden');
  await page.close();
});

describe('a page of the internet, and a broker of the local network', () => {
  const host = 'class.local';
  /** @type {import('playwright-core').BrowserContext} */
  let browser;

  before(async () => {
    const { port } = new URL(bench.secureOrigin);
    const { broker, certificates, cleanup, folder } = bench;
    browser = await launchBrowser({
      folder: join(folder, 'public'),
      ca: certificates.ca,
      hosts: { [host]: LOOPBACK },
      flags: [
        `--ip-address-space-overrides=${LOOPBACK}:${port}=public,${LOOPBACK}:${broker.ports.ws}=private`,
      ],
    });
    cleanup.add(browser, (it) => it.close());
  });

  /** As a person does whom the browser asks; it holds as long as the page. @param {import('playwright-core').Page} page @param {'granted' | 'denied'} setting */
  async function answer(page, setting) {
    const session = await browser.newCDPSession(page);
    for (const name of ['local-network', 'loopback-network']) {
      const origin = bench.secureOrigin;
      await session.send('Browser.setPermission', { permission: { name }, setting, origin });
    }
  }

  /** @param {'granted' | 'denied'} setting @param {string} url */
  async function endWhen(setting, url) {
    const page = await browser.newPage();
    // The client itself comes from this computer.
    await answer(page, 'granted');
    await page.goto(`${bench.secureOrigin}/program`);
    await page.evaluate(
      async (module) => (await import(module)).default(),
      `${bench.start}/split/mqtt.mjs`,
    );
    await answer(page, setting);
    const { reason } = await endInPage(page, url);
    const denied = await page.evaluate(async (source) => {
      const { watchLocalNetwork } = await import(`data:text/javascript;base64,${btoa(source)}`);
      const isDenied = watchLocalNetwork(globalThis, () => true);
      // The answers come in the order of the questions.
      for (const name of ['local-network', 'loopback-network'])
        await navigator.permissions.query({ name: /** @type {any} */ (name) });
      await new Promise((resolve) => setTimeout(resolve));
      return ['here', 'room', 'far'].filter((where) => isDenied(where));
    }, LOCAL_NETWORK);
    await page.close();
    return sentenceFor(reason, url, { isDenied: (where) => denied.includes(where) });
  }

  for (const name of [host, 'localhost']) {
    test(`${name} is reached when that is allowed, and the sentence says when it is not`, async () => {
      const url = `ws://${name}:${bench.broker.ports.ws}/mqtt`;

      assert.equal(await endWhen('granted', url), 'reason.login');
      assert.equal(await endWhen('denied', url), 'reason.network-denied');
    });
  }

  test('nobody is there', async () => {
    const [free] = await freePorts(1);

    assert.equal(await endWhen('granted', `ws://localhost:${free}/`), 'reason.nothing-here');
  });
});

test('an address that no WebSocket takes', async () => {
  const reason = await endInNode({ url: 'ws://localhost:99999/mqtt' });

  assert.equal(sentenceFor(reason, 'ws://localhost:9999/mqtt'), 'reason.address-refused');
});

test('the practice broker ends, or does not answer', async () => {
  const broker = await makeBroker();
  const url = 'ws://practice.invalid/mqtt';
  const connectionOf = (/** @type {(port: any) => void} */ serve) => ({
    ...{ url, version: '3.1.1', connectTimeoutMs: 500 },
    openSocket(/** @type {string} */ _url, /** @type {string} */ protocol) {
      const { port1, port2 } = new MessageChannel();
      const onEnd = () => {};
      serve(port2);
      return new PracticeSocket({ url, protocol, pipe: /** @type {any} */ (port1), onEnd });
    },
  });
  const ends = endInNode(
    connectionOf((port) => {
      broker.handle(/** @type {any} */ (new Connection(port)));
      port.postMessage({ opened: 'it' });
    }),
    () => broker.close(),
  );
  const silent = endInNode(connectionOf((port) => port.close()));

  const wordsOf = async (/** @type {Promise<CloseReason>} */ end) =>
    sentenceFor(await end, url, { shown: 'practice', isOnline: false });
  assert.equal(await wordsOf(ends), 'reason.practice-lost');
  assert.equal(await wordsOf(silent), 'reason.practice-away');
});

test('the console says the same sentence as the block, and names the broker of the page', async () => {
  const page = await openPage(`${bench.start}/?lang=en`);
  await page.getByText('Not connected.').waitFor();
  const [free] = await freePorts(1);
  /** @param {string} address @param {string} sentence */
  const says = async (address, sentence) => {
    await page.getByLabel('Broker', { exact: true }).fill(address);
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    await page.getByText(sentence).waitFor();
  };

  const own = `ws://localhost:${bench.broker.ports.ws}/mqtt`;
  await says(
    'mqtt://localhost:1883',
    `A broker’s address starts with wss:// or ws://. Try ${own}.`,
  );
  await says(
    `ws://localhost:${free}`,
    `No broker answers at localhost:${free}. localhost always means`,
  );
  await page.getByText(`The broker of this page is ${own}.`).waitFor();
  await says(own, 'The broker wants a user name and a password.');
  await says(await brokerThat((send) => send(connack(0x88))), 'The broker is busy or not ready.');
  await page.close();
});

test('every row was said by a server or a browser', () => {
  assert.deepEqual(
    ROWS.filter((row) => !said.has(row)),
    [],
  );
});
