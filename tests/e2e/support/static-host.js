// @ts-check
/**
 * A host of static files as GitHub Pages is one: a website below a path, nothing at the root, `404.html` for what is
 * missing, and a slash added to the address of a folder.
 */
import { once } from 'node:events';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { extname, join, normalize } from 'node:path';
import { LOOPBACK } from './ports.js';

/** @type {Record<string, string>} */
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};

/**
 * @param {object} options
 * @param {string} options.folder of the website
 * @param {string} options.path with a slash at both ends
 * @param {import('./certificates.js').Certificates} [options.certificates] for https
 * @param {string} [options.name] of the host
 */
export async function startStaticHost({ folder, path, certificates, name = 'localhost' }) {
  /** What was asked for and is not there. @type {string[]} */
  const missing = [];
  /** @type {import('node:http').RequestListener} */
  const answer = (request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
    response.setHeader('Access-Control-Allow-Origin', '*');
    const asked = decodeURIComponent(pathname);
    const file = asked.startsWith(path) && join(folder, normalize(`/${asked.slice(path.length)}`));
    const found = file ? statSync(file, { throwIfNoEntry: false }) : undefined;
    if (file && found?.isDirectory()) {
      const page = join(file, 'index.html');
      if (!asked.endsWith('/')) {
        response.writeHead(301, { Location: `${pathname}/${search}` }).end();
      } else if (existsSync(page)) send(response, 200, page);
      else refuse();
    } else if (file && found?.isFile()) send(response, 200, file);
    else refuse();

    function refuse() {
      missing.push(pathname);
      if (asked.startsWith(path)) send(response, 404, join(folder, '404.html'));
      else response.writeHead(404).end();
    }
  };
  const server = certificates
    ? createSecureServer(
        {
          cert: readFileSync(certificates.certificate),
          key: readFileSync(certificates.key),
        },
        answer,
      )
    : createServer(answer);
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    port,
    missing,
    /** The first page. */
    start: `${certificates ? 'https' : 'http'}://${name}:${port}${path}`,
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

/** @param {import('node:http').ServerResponse} response @param {number} status @param {string} file */
function send(response, status, file) {
  response.writeHead(status, {
    'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
    'Content-Length': statSync(file).size,
  });
  createReadStream(file).pipe(response);
}
