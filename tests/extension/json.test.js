// @ts-check
// JSON in blocks: what is not there is an empty text, and nothing is ever thrown.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonGet, jsonSet } from '../../extension/values/json.js';

const WEATHER = '{"temp":21.5,"is dry":true,"wind":{"from":["W","NW"],"m/s":3},"rain":null}';

for (const [path, json, value] of /** @type {[string, string, unknown][]} */ ([
  ['temp', WEATHER, 21.5],
  ['is dry', WEATHER, true],
  ['wind.m/s', WEATHER, 3],
  ['wind.from[1]', WEATHER, 'NW'],
  ['wind.from.1', WEATHER, 'NW'],
  ['wind', WEATHER, '{"from":["W","NW"],"m/s":3}'],
  ['wind.from', WEATHER, '["W","NW"]'],
  ['', '[1, 2]', '[1,2]'],
  ['', ' "text" ', 'text'],
  ['[0].a[1][0]', '[{"a":[0,[5]]}]', 5],
  ['温度', '{"温度":"😀"}', '😀'],
  ['a', '{"a":"quote \\" comma , brace }"}', 'quote " comma , brace }'],
  ['a', '{"\\u0061":1}', 1],
  ['a', '{"a":1,"a":2}', 2],
  ['', '{"2":0,"1":1.50}', '{"2":0,"1":1.50}'],
  ['__proto__', '{"__proto__":1}', 1],
  // What is not there.
  ['rain', WEATHER, ''],
  ['snow', WEATHER, ''],
  ['temp.value', WEATHER, ''],
  ['wind.from[2]', WEATHER, ''],
  ['wind[0]', WEATHER, ''],
  ['wind.from.length', WEATHER, ''],
  ['wind.from[-1]', WEATHER, ''],
  ['constructor', '{}', ''],
  ['__proto__', '{}', ''],
  // What is no path, or no JSON.
  ['wind..from', WEATHER, ''],
  ['wind.', WEATHER, ''],
  ['wind.from[', WEATHER, ''],
  ['wind.from[x]', WEATHER, ''],
  ['temp', '', ''],
  ['temp', '{temp:21}', ''],
  ['temp', '{"temp":21', ''],
  ['', 'hello', ''],
])) {
  test(`${path || 'nothing'} of ${json || 'nothing'} is ${String(value) || 'empty'}`, () => {
    assert.strictEqual(jsonGet(json, path), value);
  });
}

for (const [json, path, value, expected] of [
  ['{}', 'temp', '21.5', '{"temp":21.5}'],
  ['{}', 'name', 'Ada', '{"name":"Ada"}'],
  ['{}', 'name', '"21"', '{"name":"21"}'],
  ['{}', 'name', '007', '{"name":"007"}'],
  ['{}', 'name', '', '{"name":""}'],
  ['{}', 'on', 'true', '{"on":true}'],
  ['{}', 'list', '[1, {"a": 2}]', '{"list":[1,{"a":2}]}'],
  ['{"b":1,"a":2}', 'b', '3', '{"b":3,"a":2}'],
  ['{"b":1,"a":2}', 'c', '3', '{"b":1,"a":2,"c":3}'],
  ['{"2":1.50,"1":12345678901234567890}', '3', '0', '{"2":1.50,"1":12345678901234567890,"3":0}'],
  ['{"a":{"b":1,"c":2}}', 'a.b', '3', '{"a":{"b":3,"c":2}}'],
  ['{}', 'a.b[0].c', '1', '{"a":{"b":[{"c":1}]}}'],
  ['{"a":1}', 'a.b', '2', '{"a":{"b":2}}'],
  ['[1,2]', '[1]', '3', '[1,3]'],
  ['[1,2]', '[2]', '3', '[1,2,3]'],
  ['[]', '[0].x', '1', '[{"x":1}]'],
  ['{"a":1}', '', '2', '2'],
  ['{}', 'é"', '😀', '{"é\\"":"😀"}'],
  ['{}', '__proto__', '1', '{"__proto__":1}'],
  // What cannot be.
  ['[1,2]', '[3]', '3', ''],
  ['[]', '[999999999]', '3', ''],
  ['[1]', '-1', '3', ''],
  ['[1]', 'name', '3', ''],
  ['{}', '[0]', '3', ''],
  ['{}', 'a..b', '3', ''],
  ['', 'a', '3', ''],
  ['hello', 'a', '3', ''],
]) {
  test(`JSON ${json || 'nothing'} with ${path || 'nothing'} set to ${value} is ${expected || 'empty'}`, () => {
    assert.strictEqual(jsonSet(String(json), String(path), String(value)), expected);
  });
}

test('JSON that is nested too deeply is nothing', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

  assert.equal(jsonGet(deep, ''), '');
  assert.equal(jsonSet(deep, '[0]', '1'), '');
});

test('a long JSON text is read', () => {
  const json = JSON.stringify({ text: 'x\\"'.repeat(300_000), list: Array(10_000).fill({ a: 1 }) });

  assert.equal(jsonGet(json, 'list[9999].a'), 1);
  assert.equal(jsonGet(jsonSet(json, 'list[5].a', '2'), 'list[5].a'), 2);
});
