// @ts-check
/** What the samples of the pages run with: a broker of the tests, and a browser. */
import { join } from 'node:path';
import { launchBrowser } from '../../e2e/support/browser.js';
import { makeCertificates } from '../../e2e/support/certificates.js';
import { startLocalBroker } from '../../e2e/support/local-broker.js';
import { makeProject } from './project.js';

/** @param {import('../../e2e/support/cleanup.js').Cleanup} cleanup ends both */
export async function brokerAndBrowser(cleanup) {
  const broker = cleanup.add(await startLocalBroker(), (it) => it.stop());
  const { folder, remove } = makeProject({});
  cleanup.add(undefined, remove);
  const { ca } = makeCertificates(join(folder, 'certificates'), ['localhost']);
  const browser = cleanup.add(await launchBrowser({ folder, ca, hosts: {} }), (it) => it.close());
  return { broker, browser };
}
