// @ts-check
/** A reporter of Node's tests that gives their results as numbers, for `npm test`: one JSON object. */

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @param {AsyncIterable<import('node:test/reporters').TestEvent>} events */
export default async function* counts(events) {
  /** @type {Counts} */
  const found = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    // A suite is no test of its own; one that fails has a test that fails.
    if (data.details.type === 'suite') continue;
    const isSkipped = data.skip !== undefined || data.todo !== undefined;
    found[isSkipped ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed'] += 1;
  }
  yield JSON.stringify(found);
}
