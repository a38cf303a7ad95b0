// @ts-check
// A sandbox whose editor asks each hat in each frame, and runs its scripts when the answer becomes true.
import { SandboxedDelivery } from '../../extension/delivery/sandboxed.js';
import { Cast, makeConnected } from './harness.js';

/** Between two questions of the editor. */
export const FRAME_MS = 33;

/** Blocks in a sandbox, a clock, and what the hats' scripts saw. */
export async function makeSandbox() {
  const made = await makeConnected({ runtime: null, scratch: { Cast } });
  let now = 0;
  const { bridge, blocks } = made;
  bridge.delivery = new SandboxedDelivery({
    subscriptions: bridge.subscriptions,
    dropped: bridge.status.dropped,
    now: () => now,
  });
  /** @type {Map<string, boolean>} */
  const before = new Map();
  return {
    ...made,
    /** What the scripts under hats see while frames pass. @param {string[]} hats @param {number} count */
    frames: (hats, count) => {
      /** @type {string[]} */
      const seen = [];
      for (let frame = 0; frame < count; frame += 1) {
        now += FRAME_MS;
        for (const [index, TOPIC] of hats.entries()) {
          const isTrue = blocks.whenMessage({ TOPIC });
          const hat = `${index} ${TOPIC}`;
          if (isTrue && !before.get(hat)) seen.push(`${TOPIC}=${blocks.messagePayload({})}`);
          before.set(hat, isTrue);
        }
      }
      return seen;
    },
  };
}
