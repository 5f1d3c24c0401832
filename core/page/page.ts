/**
 * Pages for people: HTML, style sheets, pictures and ES modules that the browser takes as they are. All are read once, at the start.
 * A file's address is its path inside `core/`, so that modules import each other on the server's disk as in the browser.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type Router from '@koa/router';
import type { Context } from 'koa';

const core = new URL('../', import.meta.url);

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** What a page may do: read its own server. Names and metadata come from strangers, and a frame would hide what is clicked on. */
export const pageHeaders = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // Kept, but asked for again: after an update the parts of a page belong together.
  'Cache-Control': 'no-cache',
};

/** Serves `page/` and one folder beside it, whose `index.html` is the front page. @param folder inside `core/`, e.g. `eureka/page` */
export function pageRoutes(router: Router, folder: string): void {
  for (const name of ['page', folder]) {
    for (const file of readdirSync(new URL(`${name}/`, core))) {
      const type = types[extname(file)];
      if (type) router.get(file === 'index.html' ? '/' : `/${name}/${file}`, serve(new URL(`${name}/${file}`, core), type));
    }
  }
}

function serve(file: URL, type: string): (ctx: Context) => void {
  const content = readFileSync(fileURLToPath(file));
  const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
  return (ctx) => {
    ctx.set(pageHeaders);
    ctx.status = 200;
    ctx.etag = etag;
    if (ctx.fresh) {
      ctx.status = 304;
      return;
    }
    ctx.type = type;
    ctx.body = content;
  };
}
