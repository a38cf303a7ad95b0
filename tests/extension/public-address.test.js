// @ts-check
// Which addresses of our extensions a saved project holds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPublic, publicAddresses, withAddresses } from '../../www/public-address.js';

const FILES = Object.entries({ scratchmqtt: 'mqtt.js', iot: 'iot.js' });
const ADDRESSES = {
  scratchmqtt: 'https://mqtt.example/mqtt.js',
  iot: 'https://mqtt.example/iot.js',
};

for (const address of [
  'https://mqtt.example/',
  'https://school.github.io/mqtt/',
  'https://a.example:8443/',
  'https://例子.cn/',
]) {
  test(`${address} is reached by others`, () => {
    assert.ok(isPublic(new URL(address)));
  });
}

for (const address of [
  'http://mqtt.example/',
  'https://localhost:8000/',
  'https://editor.localhost/',
  'https://scratch-mqtt.local/',
  'https://scratch-mqtt.local./',
  'https://server/',
  'https://nas.lan/',
  'https://router.home.arpa/',
  'https://192.168.1.10/',
  'https://203.0.113.7/',
  'https://[2001:db8::1]/',
  'https://pupil:secret@mqtt.example/',
  'file:///home/ada/',
]) {
  test(`${address} is not`, () => {
    assert.ok(!isPublic(new URL(address)));
  });
}

test('the scripts are where the site is, in whatever folder', () => {
  assert.deepEqual(publicAddresses(FILES, 'https://school.example/mqtt/'), {
    scratchmqtt: 'https://school.example/mqtt/mqtt.js',
    iot: 'https://school.example/mqtt/iot.js',
  });
  assert.deepEqual(publicAddresses(FILES, 'http://localhost:8000/'), {});
});

test('a project holds the addresses of what it uses, and else stays as it is', () => {
  const project = { targets: [{}], extensions: ['pen', 'scratchmqtt'], meta: {} };

  const saved = JSON.parse(withAddresses(JSON.stringify(project), ADDRESSES));

  const { extensionURLs, ...rest } = saved;
  assert.deepEqual(extensionURLs, { scratchmqtt: ADDRESSES.scratchmqtt });
  assert.deepEqual(rest, project);
  for (const json of ['{ "extensions": ["pen"] }', '{ "isStage": false, "name": "Cat" }']) {
    assert.equal(withAddresses(json, ADDRESSES), json);
  }
});
