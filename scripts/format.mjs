// @ts-check
/** `npm run format`: formats all files, and writes what is made of other files. */
import { join } from 'node:path';
import { main, root, run, saysHelp } from './run.mjs';
import { ensurePackages, ensureRust } from './tools.mjs';

const HELP = `npm run format

Formats all files, and writes what is made of other files: lists, tables and pages. It takes seconds.
Press Ctrl+C to stop.

  --help   this text`;

await main(async () => {
  if (saysHelp(HELP)) return;
  await ensureRust();
  await ensurePackages('.');
  await run('Rust', 'cargo', ['fmt', '--all']);
  const fuzz = join(root, 'tests', 'fuzz', 'Cargo.toml');
  await run('Rust (fuzzing)', 'cargo', ['fmt', '--manifest-path', fuzz]);
  await run('What is made of other files', process.execPath, [join(root, 'scripts', 'made.mjs')]);
  const prettier = join(root, 'node_modules', 'prettier', 'bin', 'prettier.cjs');
  await run('Everything else', process.execPath, [prettier, '--write', '--log-level', 'warn', '.']);
});
