// @ts-check
/**
 * Runs a program for MicroPython in MicroPython, on a board that is this computer:
 *
 *     node board.js PROGRAM UMQTT CHIP
 *
 * UMQTT is the folder of the real umqtt, CHIP the number of the chip. Each line "press" on standard input presses the button for
 * a moment; the light says "led on" and "led off". The program never ends, so this thread waits as the processor of a board
 * does, and another has the sockets.
 */
import { readFileSync, readdirSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads';

/** It has no types. */
const MICROPYTHON = '@micropython/micropython-webassembly-pyscript';
const [program = '', umqtt = '', chip = ''] = process.argv.slice(2);
/** The newest question that was answered, whether the button is down, and what never changes. */
const signals = new Int32Array(new SharedArrayBuffer(12));
const { port1: port, port2 } = new MessageChannel();
new Worker(new URL('sockets.js', import.meta.url), {
  workerData: { signals, port: port2 },
  transferList: [port2],
});

let asked = 0;

/**
 * An answer may be seen a moment after its signal, so each has the number of its question.
 *
 * @param {unknown[]} request what it is, and its arguments
 */
function ask(...request) {
  asked += 1;
  port.postMessage([asked, ...request]);
  for (;;) {
    const [number, answer] = receiveMessageOnPort(port)?.message ?? [];
    if (number === asked) return answer;
    Atomics.wait(signals, 0, asked - 1);
  }
}

const { loadMicroPython } = await import(MICROPYTHON);
const micropython = await loadMicroPython({
  linebuffer: true,
  stdout: (/** @type {string} */ line) => writeSync(1, `${line}\n`),
});
micropython.registerJsModule('board', {
  chip,
  ask,
  is_down: () => Atomics.load(signals, 1) === 1,
  sleep: (/** @type {number} */ ms) => Atomics.wait(signals, 2, 0, ms),
});
const modules = fileURLToPath(new URL('modules', import.meta.url));
for (const [to, from] of [
  ['/modules', modules],
  ['/modules/umqtt', join(umqtt, 'umqtt')],
]) {
  micropython.FS.mkdir(to);
  for (const name of readdirSync(from))
    if (name.endsWith('.py'))
      micropython.FS.writeFile(`${to}/${name}`, readFileSync(join(from, name)));
}
micropython.runPython("import sys\nsys.path.insert(0, '/modules')");
try {
  micropython.runPython(readFileSync(program, 'utf8'));
} catch (failure) {
  writeSync(2, `${basename(program)}: ${failure}\n`);
}
process.exit(1);
