// @ts-check
/** A registry of npm on this computer, with nothing but packed packages of ours. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { serve } from './serve.js';
import { run } from './programs.js';

/**
 * @param {readonly { file: string, name: string }[]} packed
 * @returns {Promise<{ origin: string, asked: string[], close: () => Promise<void> }>} `asked` are the packages that npm
 *   wanted to know of
 */
export async function startRegistry(packed) {
  /** @type {string[]} */
  const asked = [];
  /** @type {import('./serve.js').Places} */
  const places = { '/': { answer: (_, response) => void response.writeHead(404).end('{}') } };
  const { origin, close } = await serve(places);
  for (const { file, name } of packed) {
    const manifest = JSON.parse(run('tar', ['-xOzf', file, 'package/package.json']));
    const integrity = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
    const tarball = `/tarballs/${basename(file)}`;
    const dist = { integrity, tarball: origin + tarball };
    const { version } = manifest;
    const document = {
      name,
      'dist-tags': { latest: version },
      versions: { [version]: { ...manifest, dist } },
    };
    places[tarball] = { file };
    places[`/${name}`] = {
      answer: (_, response) => {
        asked.push(name);
        response.writeHead(200, { 'Content-Type': 'application/json' });
        response.end(JSON.stringify(document));
      },
    };
  }
  return { origin, asked, close };
}
