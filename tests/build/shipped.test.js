// @ts-check
// Whose code is in what is shipped: lists for programs, notices for people, and what is said when one is missing.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { scriptFiles } from '../../scripts/bundle.mjs';
import { merged } from '../../scripts/components.mjs';
import { dist } from '../../scripts/dist.mjs';
import { LEFT_OUT, licenseTexts } from '../../scripts/licenses.mjs';
import { NOTICES, leftOvers, noticesOf, problemsOf } from '../../scripts/notices.mjs';
import { root } from '../../scripts/run.mjs';
import { SBOM, sbomOf } from '../../scripts/sbom.mjs';

/** @typedef {import('../../scripts/components.mjs').Component} Component */

/** @param {string} path */
const read = (path) => readFileSync(join(dist, path), 'utf8');
/** @param {string} file @returns {any} */
const listOf = (file) => JSON.parse(read(file + SBOM));

/** @param {Partial<Component>} [more] @returns {Component} */
const crate = (more) => ({
  ...{ kind: 'cargo', name: 'ada', version: '1.0.0', license: 'MIT', texts: ['Copyright Ada'] },
  ...more,
});

for (const file of scriptFiles()) {
  test(`${file}: its list is CycloneDX 1.6, of this very file`, async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    const { metadata } = listOf(file);

    assert.equal(await validator.validate(read(file + SBOM)), null);
    assert.equal(metadata.component.name, file);
    assert.equal(metadata.component.version, JSON.parse(read('build.json')).build);
    assert.deepEqual(metadata.component.hashes, [
      {
        alg: 'SHA-256',
        content: createHash('sha256')
          .update(readFileSync(join(dist, file)))
          .digest('hex'),
      },
    ]);
  });

  test(`${file}: the notices beside it name all that is in it`, () => {
    const notices = read(join(dirname(file), NOTICES));

    assert.match(
      readFileSync(join(dist, file), 'latin1'),
      new RegExp(`^// Notices: ${NOTICES}`, 'm'),
    );
    assert.ok(notices.split('\n')[0]?.includes(file));
    for (const { name, version } of listOf(file).components ?? []) {
      assert.ok(notices.includes(`\n${name} ${version}: `), name);
    }
  });
}

test('the lists have what is known to be in the scripts', () => {
  /** @param {string} file @param {string} [scope] */
  const names = (file, scope = 'required') =>
    listOf(file)
      .components.filter((/** @type {any} */ one) => one.scope === scope)
      .map((/** @type {any} */ { name }) => name);

  for (const name of ['bytes', 'mqttbytes', 'rlsf', 'rust-std', 'wasm-bindgen']) {
    assert.ok(names('mqtt.js').includes(name), name);
  }
  assert.ok(names('mqtt.js', 'excluded').includes('wasm-bindgen-macro'));
  assert.ok(!names('mqtt.js').includes('syn'));
  for (const name of ['aedes', 'buffer', 'mqtt-packet']) {
    assert.ok(names('practice.js').includes(name), name);
  }
  assert.deepEqual(names('convert/sb3.mjs'), ['fflate']);
  assert.deepEqual(names('plot/uplot.mjs'), ['uplot']);
});

test('the list of a crate says who uses it', () => {
  const [bytes] = listOf('mqtt.js').dependencies.filter((/** @type {any} */ { ref }) =>
    ref.startsWith('pkg:cargo/mqttbytes@'),
  );

  assert.ok(
    bytes.dependsOn.some((/** @type {string} */ ref) => ref.startsWith('pkg:cargo/bytes@')),
  );
});

test('a text that two have is there once, and both have its number', () => {
  const notices = noticesOf('all of it', [crate(), crate({ name: 'bo' })]);

  assert.equal(notices.match(/Copyright Ada/g)?.length, 1);
  assert.match(notices, /^ada 1\.0\.0: MIT; text 1\nbo 1\.0\.0: MIT; text 1$/m);
});

test('code without the text of its license is named, with what to do', () => {
  assert.deepEqual(problemsOf('mqtt.js', [crate(), crate({ name: '@a/b', texts: [] })]), [
    '@a/b@1.0.0, which is in mqtt.js, comes without the text of its license, MIT. ' +
      'Find it where the code is developed, and put it into scripts/left-out-licenses/@a-b.txt.',
  ]);
});

test('a license that was not allowed is named', () => {
  const [sentence] = problemsOf('mqtt.js', [crate({ license: 'SSPL-1.0' })]);

  assert.equal(
    sentence,
    'ada@1.0.0, which is in mqtt.js, has a license that deny.toml does not allow: SSPL-1.0.',
  );
  assert.deepEqual(problemsOf('mqtt.js', [crate({ license: '(GPL-2.0 OR MIT)' })]), []);
});

test('what a list says of one thing twice is both', () => {
  const uses = merged([
    crate({ isOnlyForBuilding: true, uses: ['bo@1.0.0'] }),
    crate({ isOnlyForBuilding: false, uses: ['cy@1.0.0'] }),
  ]);

  assert.deepEqual(uses, [crate({ isOnlyForBuilding: false, uses: ['bo@1.0.0', 'cy@1.0.0'] })]);
});

test('a list is the same again', async () => {
  const file = /** @type {const} */ ({
    name: 'a.js',
    version: '1',
    type: 'library',
    bytes: Buffer.of(1),
  });

  const [one, other] = await Promise.all([
    sbomOf(file, [crate(), crate({ name: 'bo' })]),
    sbomOf(file, [crate({ name: 'bo' }), crate()]),
  ]);

  assert.equal(one, other);
});

const KEPT = readdirSync(join(root, LEFT_OUT));

test('a text that nothing needs is to be removed', () => {
  const sentences = leftOvers([crate()]);

  assert.equal(sentences.length, KEPT.length);
  assert.match(
    sentences[0] ?? '',
    /^scripts\/left-out-licenses\/.*\.txt is the license of nothing/,
  );
});

for (const file of KEPT) {
  test(`${file} is found by its name`, () => {
    const [text] = licenseTexts(basename(file, '.txt'), 'MIT', undefined);

    assert.equal(text, readFileSync(join(root, LEFT_OUT, file), 'utf8').trimEnd());
  });
}
