// @ts-check
/** Debian's Apache with the modules that it has by itself and `headers`, for a folder that brings settings of its own. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOOPBACK, answers, freePorts } from './ports.js';
import { Program } from './programs.js';
import { until } from './wait.js';

const MODULES = '/usr/lib/apache2/modules';
const NAMES = [
  'mpm_event',
  'alias',
  'authz_core',
  'deflate',
  'dir',
  'filter',
  'headers',
  'mime',
  'setenvif',
];

/**
 * @param {object} options
 * @param {string} options.folder of its own
 * @param {string} options.site which everybody may read
 * @param {string} options.path at which it is, with a slash at both ends
 */
export async function startApache({ folder, site, path }) {
  mkdirSync(folder, { recursive: true });
  const [port = 0] = await freePorts(1);
  const [types, errors] = [join(folder, 'mime.types'), join(folder, 'errors')];
  // JavaScript and WebAssembly are for the settings of the folder to say.
  writeFileSync(types, 'text/html html\ntext/css css\n');
  writeFileSync(errors, '');
  const configuration = join(folder, 'apache.conf');
  // It refuses to serve as root.
  const user = process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : '';
  writeFileSync(
    configuration,
    `${NAMES.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
ServerName localhost
Listen ${LOOPBACK}:${port}
PidFile ${join(folder, 'pid')}
DefaultRuntimeDir ${folder}
ErrorLog ${errors}
${user}
TypesConfig ${types}
Alias ${path} ${site}/
<Directory ${site}>
  AllowOverride FileInfo
  Require all granted
</Directory>
`,
  );
  const said = () => readFileSync(errors, 'utf8');
  const program = new Program('apache2', ['-d', folder, '-f', configuration, '-DFOREGROUND']);
  await until(
    'Apache to listen',
    () => {
      if (!program.isRunning) throw new Error(`Apache ended: ${program.output}${said()}`);
      return answers(port);
    },
    { seen: said },
  );
  const place = `http://${LOOPBACK}:${port}${path}`;
  return { place, stop: () => program.end('SIGTERM') };
}
