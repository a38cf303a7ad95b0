// @ts-check
/** Names that no other test and no other run uses. */
import { randomBytes } from 'node:crypto';

/** @param {string} [start] */
export function uniqueTopic(start = 'test') {
  return `${start}/${randomBytes(6).toString('hex')}`;
}

/** @param {string} [start] */
export function uniqueClientId(start = 'e2e') {
  return `${start}-${randomBytes(6).toString('hex')}`;
}
