// @ts-check
/** Links, anchors and names of files in all pages; and that each page is found. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/run.mjs';
import { allPages, anchorsOf, linksOf, pageAt, proseOf } from './support/pages.js';

/** The page from which everything is to be found. */
const DOORS = 'docs/README.md';
/** How many clicks away a page may be. */
const CLICKS = 2;
/** Written when something is run, and not committed. */
const WRITTEN_LATER = /^(?:dist|package|target|bench\/results|\.cache|node_modules)\b/;
/** Where a page says what is or was elsewhere. */
const HISTORY = /^(?:CHANGELOG\.md|docs\/contributing\/decisions\/)/;

const pages = allPages();
/** @param {string} path */
const exists = (path) => existsSync(join(root, path));

for (const page of pages) {
  test(`${page.path}: what it links to is there`, () => {
    for (const { written, path, anchor } of linksOf(page)) {
      assert.ok(exists(path), `${written}: there is no ${path}`);
      assert.ok(!statSync(join(root, path)).isDirectory(), `${written}: a folder is no page`);
      if (anchor !== '' && path.endsWith('.md')) {
        const anchors = [...anchorsOf(pageAt(path))];
        assert.ok(anchors.includes(anchor), `${written}: ${path} has ${anchors.join(', ')}`);
      }
    }
  });
}

test('files that pages name are there', () => {
  const wrong = pages
    .filter(({ path }) => !HISTORY.test(path))
    .flatMap((page) =>
      [...proseOf(page).matchAll(/`((?:[\w.-]+\/)+[\w.-]+\.\w+)`/g)]
        .map(([, file = '']) => file)
        .filter((file) => /^(?:docs|examples|extension|scripts|server|src|tests|www)\//.test(file))
        .filter((file) => !WRITTEN_LATER.test(file) && !exists(file))
        .map((file) => `${page.path}: ${file}`),
    );

  assert.deepEqual(wrong, []);
});

test(`every page is at most ${CLICKS} clicks from ${DOORS}`, () => {
  const near = new Set([DOORS]);
  for (let clicks = 0; clicks < CLICKS; clicks += 1) {
    for (const path of [...near].filter((one) => one.endsWith('.md'))) {
      for (const link of linksOf(pageAt(path))) near.add(link.path);
    }
  }

  const far = pages.map(({ path }) => path).filter((path) => !near.has(path));
  assert.deepEqual(far, []);
});

test('an address that a page had before leads to a page that is there', () => {
  /** @type {Record<string, string>} */
  const moved = JSON.parse(readFileSync(join(root, 'docs/moved.json'), 'utf8'));

  for (const [old, now] of Object.entries(moved)) {
    assert.ok(exists(`docs/${now}`), `${old}: there is no docs/${now}`);
    assert.ok(!exists(`docs/${old}`), `docs/${old} is a page again`);
  }
});

test('pages that were made by hand have one title', () => {
  for (const page of pages) {
    const titles = proseOf(page).match(/^# .+$/gm) ?? [];
    assert.equal(titles.length, 1, `${page.path}: ${titles.join(', ')}`);
  }
});
