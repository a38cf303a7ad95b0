// @ts-check
// Whether the browser keeps a page from the local network, by the permissions that it has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchLocalNetwork } from '../../extension/status/local-network.js';
import { turn } from './harness.js';

/** A browser that has these permissions, by name. @param {Record<string, { state: string }>} states */
const browserWith = (states) => ({
  navigator: {
    permissions: {
      /** @param {{ name: string }} wanted */
      query: ({ name }) =>
        name in states
          ? Promise.resolve(states[name])
          : Promise.reject(new TypeError(`'${name}' is no permission`)),
    },
  },
});

/** @param {any} page @param {boolean} [isSecure] */
async function deniedIn(page, isSecure = true) {
  const isDenied = watchLocalNetwork(page, () => isSecure);
  await turn();
  return () => /** @type {const} */ (['here', 'room', 'far']).filter(isDenied);
}

const denied = { state: 'denied' };
const granted = { state: 'granted' };
for (const [what, page, expected] of /** @type {[string, any, string[]][]} */ ([
  [
    'the local network only',
    browserWith({ 'local-network': denied, 'loopback-network': granted }),
    ['room'],
  ],
  [
    'this computer only',
    browserWith({ 'local-network': granted, 'loopback-network': denied }),
    ['here'],
  ],
  ['both, by the older name', browserWith({ 'local-network-access': denied }), ['here', 'room']],
  ['nothing that it has not asked yet', browserWith({ 'local-network': { state: 'prompt' } }), []],
  ['nothing, without such permissions', browserWith({}), []],
  ['nothing, without any permissions', { navigator: {} }, []],
  ['nothing, without a navigator', {}, []],
])) {
  test(`a browser denies ${what}`, async () => {
    const isDenied = await deniedIn(page);

    assert.deepEqual(isDenied(), expected);
  });
}

test('what somebody changes later is known', async () => {
  const permission = { state: 'denied' };
  const isDenied = await deniedIn(browserWith({ 'local-network': permission }));

  permission.state = 'granted';

  assert.deepEqual(isDenied(), []);
});

test('a page over http does not say that somebody denied it', async () => {
  const isDenied = await deniedIn(browserWith({ 'local-network': denied }), false);

  assert.deepEqual(isDenied(), []);
});
