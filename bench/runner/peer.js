// @ts-check
/** The native program that clients in the browser talk to, built from `bench/peer/`. */
import { join } from 'node:path';
import { root, run } from '../../scripts/run.mjs';
import { Program } from '../../tests/e2e/support/programs.js';
import { until } from '../../tests/e2e/support/wait.js';

const targetDir = join(root, 'target');
const PROFILE = 'bench-native';
const NAME = 'scratch-mqtt-bench-peer';

/** Builds it; quick when nothing changed. */
export async function buildPeer() {
  const args = ['build', '--locked', '--package', NAME, '--profile', PROFILE];
  await run('Compiling the benchmark’s peer', 'cargo', [...args, '--target-dir', targetDir], {
    env: { CARGO_TERM_COLOR: 'never' },
  });
}

/**
 * @param {string} [broker] address of a real broker over TCP, to count and publish behind it
 * @returns {Promise<{ nullBroker: string, control: string, end: () => Promise<void> }>}
 */
export async function startPeer(broker) {
  const program = new Program(join(targetDir, PROFILE, NAME), broker === undefined ? [] : [broker]);
  const found = await until(
    'the peer to listen',
    () => {
      if (!program.isRunning) throw new Error(`the peer ended: ${program.output}`);
      return /^ready (\d+)$/m.exec(program.output);
    },
    { seen: () => program.output },
  );
  const origin = `ws://127.0.0.1:${found[1]}`;
  return {
    nullBroker: `${origin}/mqtt`,
    control: `${origin}/control`,
    end: () => program.end(),
  };
}
