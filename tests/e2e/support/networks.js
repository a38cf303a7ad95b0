// @ts-check
/** Networks that a test makes for itself. */
import { spawnSync } from 'node:child_process';

/** For `unshare`: its own network, mounts and processes, which end with the first of them. */
export const NAMESPACES =
  '--map-root-user --net --mount --pid --fork --kill-child --mount-proc'.split(' ');

/** Whether this system lets us make one. */
export const mayMakeNetworks = () => spawnSync('unshare', [...NAMESPACES, 'true']).status === 0;
