// @ts-check
// Styles say where a line begins and ends, not left and right: so pages can be read from right to left.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/run.mjs';

const SHEETS = readdirSync(join(root, 'www'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.css'))
  .map((name) => join('www', name));
const IN_SCRIPTS = ['extension/login/style.js', 'extension/status/notice.js', 'www/ask.js'];

/** Also four sides of which the second and the fourth differ. */
const SIDES =
  /(?:margin|padding|border)-(?:left|right)\b|[\s;{](?:left|right):|(?:float|text-align):\s*(?:left|right)|(?:margin|padding|inset):\s*\S+ (\S+) \S+ (?!\1[;\n])\S+;/;

for (const path of [...SHEETS, ...IN_SCRIPTS]) {
  test(`${path} knows no left and no right`, () => {
    // What has a direction of its own is put where the lines of the page begin.
    const styles = readFileSync(join(root, path), 'utf8')
      .replace(/\[dir='(?:ltr|rtl)'\] \[dir\][^}]*\}/g, '')
      .replace(/^.*style\.cssText.*$/gm, '');

    assert.doesNotMatch(styles, SIDES);
  });
}

/** It is shown at any address, so it finds no script, and is in English. */
const NOT_FOUND = 'not-found.html';

test('every page says its direction before it shows anything', () => {
  const pages = readdirSync(join(root, 'www'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.html') && name !== NOT_FOUND,
  );

  assert.ok(pages.length >= 5);
  for (const page of pages) {
    const [head = ''] = readFileSync(join(root, 'www', page), 'utf8').split('</head>');
    assert.match(
      head,
      /<script type="module" src="\S*language\.js" blocking="render"><\/script>/,
      page,
    );
  }
});
