// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { versionsNamed } from '../../scripts/release/sources.mjs';
import { VERSION } from '../../scripts/version.mjs';

for (const [place, other] of Object.entries(versionsNamed())) {
  test(`${place} has the version of package.json`, () => {
    assert.equal(other, VERSION, `${place} says ${other}, package.json ${VERSION}: change both`);
  });
}
