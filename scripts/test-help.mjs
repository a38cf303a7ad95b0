// @ts-check
/** What `npm test`, and what runs a step of it alone, say about themselves. */

/** @param {string[]} steps @param {string[]} alone */
const all = (steps, alone) => `npm test -- [steps]

Runs every check, one line per step, and stops at the first step that fails. It builds first; all of it takes
many minutes. Press Ctrl+C to stop. Without steps: ${steps.join(', ')}.
By name only: ${alone.join(', ')}.

  --help   this text

  npm test lint core`;

/** @type {Record<string, string>} */
const ALONE = {
  fuzz: `npm run fuzz

Random inputs for the decoder, random operation sequences on the session, and damaged records of a stored session.
It compiles first, and takes many minutes. Press Ctrl+C to stop.

  --help   this text

In the environment FUZZ_INPUTS (10000000), PROPERTY_RUNS (200000) and RECORD_INPUTS (1000000) say how many.

  FUZZ_INPUTS=100000000 npm run fuzz`,
  guided: `npm run fuzz:guided

libFuzzer looks for inputs that reach new branches, in what servers, stores and people can put in, and stores them in
tests/fuzz/src/__fuzz__. It compiles first; then each of four targets takes a minute, five minutes together. Press Ctrl+C to stop.

  --help   this text

In the environment GUIDED_SECONDS (60) says how long each target takes.

  GUIDED_SECONDS=600 npm run fuzz:guided`,
  soak: `npm run soak

Clients on links that are cut, gone, stalled and slow, and silent ones in hidden tabs behind nginx, with a real
mosquitto. It builds first, takes 25 minutes, and reports every minute. Press Ctrl+C to stop.

  --help   this text

In the environment SOAK_MINUTES (25), SOAK_CLIENTS (12) and SOAK_SEED (random; printed, and the same one brings the
same troubles) say how.

  SOAK_MINUTES=180 npm run soak`,
};

/**
 * The text for the steps that are named.
 *
 * @param {string[]} named
 * @param {string[]} steps in their order
 * @param {string[]} alone by name only
 */
export const testHelp = (named, steps, alone) =>
  ALONE[named.find((name) => name in ALONE) ?? ''] ?? all(steps, alone);
