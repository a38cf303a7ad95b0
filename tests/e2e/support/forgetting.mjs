// @ts-check
/** A program that forgets its clients. In Node: `node --expose-gc forgetting.mjs DIST WEBSOCKET OPTIONS MANY`. */

/**
 * Makes clients with handlers that name them, connects, closes and forgets them.
 *
 * @param {any} MqttClient
 * @param {number} many
 * @param {object} options
 * @returns {Promise<{ count: number }>} how many were collected, now and later
 */
export async function forgetClosed(MqttClient, many, options) {
  const registry = new FinalizationRegistry(() => (collected.count += 1));
  // A registry that is collected itself tells nothing.
  const collected = { count: 0, registry };
  for (let n = 0; n < many; n += 1) await forgetOne(MqttClient, registry, options, n);
  return collected;
}

/** @param {any} MqttClient @param {FinalizationRegistry<number>} registry @param {object} options @param {number} n */
function forgetOne(MqttClient, registry, options, n) {
  const client = new MqttClient();
  registry.register(client, n);
  client.onmessage = () => client.publish('never', 'never');
  client.connect(options);
  client.subscribe('a/b', 1);
  // Handlers may be set at any time.
  client.onevent = () => client.state;
  return new Promise((resolve) => {
    // Closed before the socket is there, before it opens, and after it failed.
    const close = () => {
      client.disconnect();
      resolve(undefined);
    };
    if (n % 3 === 0) close();
    else if (n % 3 === 1) queueMicrotask(close);
    else setTimeout(close, 2);
  });
}

/**
 * @param {any} MqttClient
 * @param {object} options
 * @param {number} many
 * @returns {Promise<{ answers: number }>} what clients answer that nobody names any more
 */
async function forgetConnected(MqttClient, options, many) {
  const heard = { answers: 0 };
  for (let n = 0; n < many; n += 1) {
    await new Promise((resolve) => {
      const client = new MqttClient();
      client.onmessage = () => (heard.answers += 1);
      client.onevent = (/** @type {{ type: string }} */ { type }) =>
        type === 'subscribed' && resolve(undefined);
      client.connect(options);
      client.subscribe('question', 1);
    });
  }
  return heard;
}

/** @param {() => boolean} isSo */
async function untilCollected(isSo) {
  const limit = Date.now() + 15_000;
  while (!isSo() && Date.now() < limit) {
    /** @type {any} */ (globalThis).gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function main() {
  const [, , folder, webSocket = '', options = '', many] = process.argv;
  const { readFileSync } = await import('node:fs');
  Object.assign(globalThis, { WebSocket: (await import(webSocket)).WebSocket });
  const { default: init, MqttClient } = await import(`${folder}mqtt.mjs`);
  await init({ module_or_path: readFileSync(`${folder}mqtt_bg.wasm`) });

  const heard = await forgetConnected(MqttClient, JSON.parse(options), 20);
  const closed = await forgetClosed(MqttClient, Number(many), { url: 'ws://127.0.0.1:9/mqtt' });
  await untilCollected(() => closed.count === Number(many));
  const asking = new MqttClient();
  asking.connect(JSON.parse(options));
  asking.publish('question', 'there?', 1);
  await untilCollected(() => heard.answers === 20);
  console.log(JSON.stringify({ collected: closed.count, answers: heard.answers }));
  process.exit();
}

if (typeof process !== 'undefined') await main();
