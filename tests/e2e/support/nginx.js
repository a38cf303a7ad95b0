// @ts-check
/** Debian's nginx as the WebSocket proxy in front of a broker, as schools and clouds have it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOOPBACK, answers, freePorts } from './ports.js';
import { Program } from './programs.js';
import { until } from './wait.js';

/**
 * @param {object} options
 * @param {string} options.folder of its own
 * @param {number} options.to where the broker listens for WebSockets
 * @param {number} [options.silenceSeconds] after which it ends a connection; nginx's own default is 60
 */
export async function startNginx({ folder, to, silenceSeconds }) {
  mkdirSync(folder, { recursive: true });
  const [port = 0] = await freePorts(1);
  const configuration = join(folder, 'nginx.conf');
  writeFileSync(configuration, nginxSettings(folder, proxy({ to, port, silenceSeconds })));
  const program = new Program('nginx', ['-e', 'stderr', '-p', folder, '-c', configuration]);
  await until(
    'nginx to listen',
    () => {
      if (!program.isRunning) throw new Error(`nginx ended: ${program.output}`);
      return answers(port);
    },
    { seen: () => program.output },
  );
  return { ws: `ws://${LOOPBACK}:${port}/mqtt`, port, stop: () => program.end('SIGTERM') };
}

/**
 * A whole configuration that writes nowhere but below a folder.
 *
 * @param {string} folder
 * @param {string} servers
 */
export function nginxSettings(folder, servers) {
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
pid ${join(folder, 'pid')};
error_log stderr;
events {}
http {
  access_log off;
  ${places.map((name) => `${name}_temp_path ${join(folder, name)};`).join('\n  ')}
${servers}
}
`;
}

/** @param {{ to: number, port: number, silenceSeconds?: number }} options */
function proxy({ to, port, silenceSeconds }) {
  const limits = ['proxy_read_timeout', 'proxy_send_timeout'];
  return `  server {
    listen ${LOOPBACK}:${port};
    location / {
      proxy_pass http://${LOOPBACK}:${to};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
      ${silenceSeconds ? limits.map((name) => `${name} ${silenceSeconds}s;`).join('\n      ') : ''}
    }
  }`;
}
