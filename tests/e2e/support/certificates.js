// @ts-check
/** A certificate authority for one test run, and a certificate of this computer signed by it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './programs.js';

/**
 * @typedef {{ ca: string, certificate: string, key: string }} Certificates the three files, as PEM
 */

/**
 * Makes both with OpenSSL; they are valid for two days.
 *
 * @param {string} folder
 * @param {string[]} names what the certificate is for, besides 127.0.0.1
 * @returns {Certificates}
 */
export function makeCertificates(folder, names) {
  mkdirSync(folder, { recursive: true });
  /** @param {string} name */
  const file = (name) => join(folder, name);
  /** @param {string} text */
  const openssl = (text) => run('openssl', text.split(' '));
  const newKey = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
  writeFileSync(
    file('server.ext'),
    [
      `subjectAltName=IP:127.0.0.1,${names.map((name) => `DNS:${name}`).join(',')}`,
      'extendedKeyUsage=serverAuth',
      'basicConstraints=CA:FALSE',
      '',
    ].join('\n'),
  );

  openssl(
    `req -x509 ${newKey} -days 2 -subj /CN=Scratch-MQTT-test-authority -keyout ${file('ca.key')} -out ${file('ca.pem')}`,
  );
  openssl(
    `req -new ${newKey} -subj /CN=localhost -keyout ${file('server.key')} -out ${file('server.csr')}`,
  );
  openssl(
    `x509 -req -days 2 -in ${file('server.csr')} -CA ${file('ca.pem')} -CAkey ${file('ca.key')}` +
      ` -CAcreateserial -extfile ${file('server.ext')} -out ${file('server.pem')}`,
  );
  return { ca: file('ca.pem'), certificate: file('server.pem'), key: file('server.key') };
}

/**
 * Makes the browser of one test run trust the authority: Chromium on Linux reads the NSS database in its home
 * folder. This is what a school does with its own authority, so the connection is checked like any other; the flag
 * that ignores certificate errors would also hide a mistake in the certificate.
 *
 * @param {string} home home folder of the browser
 * @param {string} ca
 */
export function trust(home, ca) {
  const database = join(home, '.pki', 'nssdb');
  mkdirSync(database, { recursive: true });
  run('certutil', ['-d', `sql:${database}`, '-N', '--empty-password']);
  run('certutil', ['-d', `sql:${database}`, '-A', '-t', 'C,,', '-n', 'test-authority', '-i', ca]);
}
