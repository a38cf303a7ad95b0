// @ts-check
/** A static file server on a free port. */
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { once } from 'node:events';
import { extname, join, normalize } from 'node:path';
import { LOOPBACK } from './ports.js';

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/**
 * Folders by the start of their address, which ends with a slash; files and pages by their whole address. The
 * longest that fits wins.
 *
 * @typedef {Record<string, { folder: string } | { file: string } | { html: string } | { answer: Answer }>} Places
 * @typedef {import('node:http').RequestListener} Answer
 */

/**
 * @param {Places} places
 * @param {import('./certificates.js').Certificates} [certificates] serves over https
 * @returns {Promise<{ origin: string, close: () => Promise<void> }>}
 */
export async function serve(places, certificates) {
  /** @type {import('node:http').RequestListener} */
  const answer = (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const start = Object.keys(places)
      .filter(
        (candidate) =>
          path === candidate || (candidate.endsWith('/') && path.startsWith(candidate)),
      )
      .sort((a, b) => b.length - a.length)[0];
    const place = start === undefined ? undefined : places[start];
    response.setHeader('Access-Control-Allow-Origin', '*');
    if (place === undefined || start === undefined) response.writeHead(404).end();
    else if ('html' in place)
      response.writeHead(200, { 'Content-Type': TYPES['.html'] }).end(place.html);
    else if ('answer' in place) place.answer(request, response);
    else if ('file' in place) sendFile(response, place.file);
    else sendFile(response, join(place.folder, normalize(`/${path.slice(start.length)}`)));
  };
  const server = certificates
    ? createSecureServer(identity(certificates), answer)
    : createServer(answer);
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    origin: `${certificates ? 'https' : 'http'}://localhost:${port}`,
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

/** @param {import('./certificates.js').Certificates} files */
const identity = ({ certificate, key }) => ({
  cert: readFileSync(certificate),
  key: readFileSync(key),
});

/**
 * @param {import('node:http').ServerResponse} response
 * @param {string} file
 */
function sendFile(response, file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
    'Content-Length': stat.size,
  });
  createReadStream(file).pipe(response);
}
