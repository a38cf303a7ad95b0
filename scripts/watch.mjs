// @ts-check
/** Builds again whenever a source changes, while `npm start` runs. */
import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import { capture, root, say } from './run.mjs';

const FOLDERS = ['src', 'extension', 'www/convert', 'www/texts', 'docs', 'scripts'];

/** How long sources must rest before they are built again, in milliseconds: editors save in steps. */
const REST_MS = 150;

/** One build at a time. */
export function watchSources() {
  /** @type {NodeJS.Timeout | undefined} */
  let rest;
  let building = false;
  let again = false;
  const rebuild = async () => {
    if (building) {
      again = true;
      return;
    }
    building = true;
    do {
      again = false;
      await buildAnew();
    } while (again);
    building = false;
  };
  for (const folder of FOLDERS) {
    if (!existsSync(join(root, folder))) continue;
    watchFolder(join(root, folder), () => {
      clearTimeout(rest);
      rest = setTimeout(rebuild, REST_MS);
    });
  }
}

/** A program of its own: what this one imported, steps of the build too, is as old as its start. */
async function buildAnew() {
  const { code, output } = await capture(process.execPath, [join(root, 'scripts', 'build.mjs')]);
  say(code === 0 ? '  Built again: reload the page.' : output.trim());
}

/**
 * Systems watch only so many files, and folders go away: what cannot be watched any more is said once.
 *
 * @param {string} folder
 * @param {() => void} onchange
 */
function watchFolder(folder, onchange) {
  /** @param {unknown} error */
  const complain = (error) => {
    const { message } = /** @type {Error} */ (error);
    say(`  ${folder} is not watched any more (${message}). After a change, run npm start again.`);
  };
  try {
    const watcher = watch(folder, { recursive: true }, onchange);
    watcher.on('error', (error) => {
      watcher.close();
      complain(error);
    });
  } catch (error) {
    complain(error);
  }
}
