// @ts-check
/** Programs for boards are filled in where they say it, whatever the name of a board is. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/run.mjs';
import { PROGRAMS, filledIn, nameIn, roomIn } from '../../www/board-programs.js';

const SETTINGS = { BROKER: '10.1.2.3', PORT: 51883, NAME: 'Ada’s 板', TOPIC: 'red/Ada’s 板' };
/** MicroBlocks has one port only. */
const WITHOUT_PORT = 'microblocks/board.txt';

for (const file of Object.values(PROGRAMS)) {
  test(`${file} takes what the class server knows`, () => {
    const program = readFileSync(join(root, 'examples', file), 'utf8');

    const filled = filledIn(program, SETTINGS);

    for (const [name, value] of Object.entries(SETTINGS)) {
      if (name === 'PORT' && file === WITHOUT_PORT) continue;
      const line = filled
        .split('\n')
        .find((one) => new RegExp(`^(const \\w+ )?${name}\\b.* = `).test(one));
      assert.match(line ?? '', new RegExp(` = ["']?${value}["';\\s]?`), name);
    }
    assert.equal(filled.split('\n').length, program.split('\n').length);
    assert.equal(filledIn(filled, SETTINGS), filled);
  });
}

test('a group is a room of the same name in a program, whatever signs it has', () => {
  const group = `L'équipe "A\\B" 😀`;
  assert.equal(roomIn(group), group);
  assert.equal(roomIn(' a+b#c\n '), 'abc');
  for (const file of Object.values(PROGRAMS)) {
    const program = readFileSync(join(root, 'examples', file), 'utf8');

    const filled = filledIn(program, { TOPIC: `${group}/lamp` });

    const [, literal = ''] =
      /^(?:const char )?TOPIC(?:\[\])? = (.*?);?(?: {2}[#/].*)?$/m.exec(filled) ?? [];
    const read = literal.startsWith("'")
      ? literal.slice(1, -1).replaceAll("''", "'")
      : JSON.parse(literal);
    assert.equal(read, `${group}/lamp`, file);
    assert.equal(filledIn(filled, { TOPIC: `${group}/lamp` }), filled);
  }
});

test('a name holds nothing that ends a text in a program, or that a topic cannot have', () => {
  assert.equal(nameIn(' a"b\'c\\d+e#f\ng '), 'abcdefg');
  assert.equal(nameIn('😀'.repeat(50)), '😀'.repeat(40));
});

test('a name with signs of replacement stays as it is', () => {
  assert.match(filledIn('NAME = "board-1"', { NAME: '$1$&' }), /^NAME = "\$1\$&"$/);
});
