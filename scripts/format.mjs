// @ts-check
/** `npm run format`: brings every file into the form that `npm test` asks for. */
import { join } from 'node:path';
import { main, root, run } from './run.mjs';
import { ensurePackages, ensureRust } from './tools.mjs';

await main(async () => {
  await ensureRust();
  await ensurePackages('.');
  await run('Rust', 'cargo', ['fmt', '--all']);
  const fuzz = join(root, 'tests', 'fuzz', 'Cargo.toml');
  await run('Rust (fuzzing)', 'cargo', ['fmt', '--manifest-path', fuzz]);
  await run('What is made of other files', process.execPath, [join(root, 'scripts', 'made.mjs')]);
  const prettier = join(root, 'node_modules', 'prettier', 'bin', 'prettier.cjs');
  await run('Everything else', process.execPath, [prettier, '--write', '--log-level', 'warn', '.']);
});
