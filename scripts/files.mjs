// @ts-check
/** The file server behind `npm start`: the start page, the editor and what was built. */
import { createReadStream, statSync } from 'node:fs';
import { STATUS_CODES, createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { editorDir } from './editor.mjs';
import { Problem, root } from './run.mjs';

const TYPES = new Map([
  ['.css', 'text/css; charset=utf-8'],
  ['.html', 'text/html; charset=utf-8'],
  ['.ico', 'image/x-icon'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.mjs', 'text/javascript; charset=utf-8'],
  ['.png', 'image/png'],
  ['.sb3', 'application/x.scratch.sb3'],
  ['.svg', 'image/svg+xml; charset=utf-8'],
  ['.ts', 'text/plain; charset=utf-8'],
  ['.wasm', 'application/wasm'],
  ['.wav', 'audio/wav'],
]);

const FILES = new Map([
  ['/', join(root, 'www', 'index.html')],
  ['/editor/', join(root, 'www', 'editor', 'index.html')],
  ['/iot.js', join(root, 'dist', 'iot.js')],
  ['/languages.js', join(root, 'extension', 'languages.js')],
  ['/mqtt.js', join(root, 'dist', 'mqtt.js')],
  ['/mqtt.mjs', join(root, 'dist', 'mqtt.mjs')],
  ['/plugin.js', join(root, 'dist', 'plugin.js')],
]);

/** What an address starts with, and the folder that has the rest; the first that fits is used. */
const FOLDERS = /** @type {const} */ ([
  ['/editor/', editorDir],
  // The editor was built to be at the top.
  ['/chunks/', join(editorDir, 'chunks')],
  ['/static/', join(editorDir, 'static')],
  ['/convert/', join(root, 'dist', 'convert')],
  ['/split/', join(root, 'dist', 'split')],
  ['/locales/', join(root, 'extension', 'locales')],
  ['/examples/', join(root, 'examples')],
  ['/', join(root, 'www')],
]);

/**
 * Serves until it is closed.
 *
 * @param {object} options
 * @param {string} options.host `127.0.0.1`: this computer only. `0.0.0.0`: everyone on the network.
 * @param {number} options.port 0: any free one.
 * @param {{ webSocketPort: number, tcpPort: number }} options.broker Told to the pages by `/local.json`.
 */
export async function serveFiles({ host, port, broker }) {
  const server = createServer((request, response) => {
    const [pathname = '/'] = (request.url ?? '/').split(/[?#]/);
    response.setHeader('Access-Control-Allow-Origin', '*');
    // A new build is seen at the next reload; unchanged files are answered with 304.
    response.setHeader('Cache-Control', 'no-cache');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405);
    if (pathname === '/local.json') {
      response.setHeader('Content-Type', 'application/json; charset=utf-8');
      return response.end(JSON.stringify(broker));
    }
    if (pathname === '/editor') {
      // The editor asks for its parts below the address of the page.
      response.setHeader('Location', `/editor/${(request.url ?? '').slice(pathname.length)}`);
      return refuse(response, 301);
    }
    const path = fileOf(pathname);
    return path === undefined ? refuse(response, 404) : send(path, request, response);
  });
  await listen(server, host, port);
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    port: address.port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * @param {import('node:http').Server} server
 * @param {string} host
 * @param {number} port
 */
function listen(server, host, port) {
  return new Promise((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error) => {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      reject(new Problem(`The pages cannot be served on port ${port} (${code}).`));
    });
    server.listen(port, host);
  });
}

/**
 * The file behind an address, or `undefined`: never one outside the served folders.
 *
 * @param {string} pathname
 */
function fileOf(pathname) {
  let wanted;
  try {
    wanted = decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
  if (wanted.includes('\0') || wanted.includes('\\')) return undefined;
  const file = FILES.get(wanted);
  if (file !== undefined) return file;
  for (const [start, folder] of FOLDERS) {
    if (!wanted.startsWith(start)) continue;
    const path = normalize(join(folder, wanted.slice(start.length)));
    return path.startsWith(folder + sep) ? path : undefined;
  }
  return undefined;
}

/**
 * @param {string} path
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
function send(path, request, response) {
  const file = statSync(path, { throwIfNoEntry: false });
  if (file === undefined || !file.isFile()) return refuse(response, 404);
  const tag = `"${file.size.toString(36)}-${file.mtimeMs.toString(36)}"`;
  response.setHeader('ETag', tag);
  if (request.headers['if-none-match'] === tag) {
    response.statusCode = 304;
    return response.end();
  }
  response.setHeader('Content-Type', TYPES.get(extname(path)) ?? 'application/octet-stream');
  response.setHeader('Content-Length', file.size);
  if (request.method === 'HEAD') return response.end();
  return createReadStream(path)
    .on('error', () => response.destroy())
    .pipe(response);
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 */
function refuse(response, status) {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  return response.end(`${STATUS_CODES[status]}\n`);
}
