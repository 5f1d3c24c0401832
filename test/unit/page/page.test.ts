import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Router from '@koa/router';
import { expect } from 'chai';
import Koa from 'koa';
import { pageRoutes } from '../../../core/page/page.ts';
import { type RawAnswer, request } from '../../support/client.ts';

describe('a page', () => {
  let server: Server;
  let port: number;
  before((done) => {
    const router = new Router();
    pageRoutes(router, 'eureka/page');
    server = createServer(new Koa().use(router.routes()).use(router.allowedMethods()).callback());
    server.listen(0, '127.0.0.1', () => {
      port = (server.address() as AddressInfo).port;
      done();
    });
  });
  after(() => server.close());

  const get = (path: string, lines: string[] = [], method = 'GET'): Promise<RawAnswer> =>
    request(port, [`${method} ${path} HTTP/1.1`, 'Host: registry', ...lines]);

  /** The paths of a file, and of all that it names, and that those name. */
  async function reached(path: string, known = new Set<string>()): Promise<Set<string>> {
    if (known.has(path)) return known;
    known.add(path);
    const { status, body } = await get(path);
    expect(status, path).to.equal(200);
    const named = path.endsWith('.js') ? /^(?:import|export)\s[^;]*?from '(\.[^']+)'/gm : /\s(?:src|href)="(?!https?:|plain")([^"]+)"/g;
    if (path !== '/' && !path.endsWith('.js')) return known;
    for (const [, name = ''] of body.matchAll(named)) await reached(new URL(name, `http://registry${path}`).pathname, known);
    return known;
  }

  it('may run its own scripts, in no frame, and ask nobody else for anything', async () => {
    for (const path of ['/', '/page/style.css', '/eureka/page/registry.js']) {
      const { headers } = await get(path);
      const policy = headers['content-security-policy']?.[0]?.split('; ') ?? [];
      expect(policy, path).to.have.members([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'none'",
      ]);
      expect(headers['x-content-type-options'], path).to.deep.equal(['nosniff']);
      expect(headers['referrer-policy'], path).to.deep.equal(['no-referrer']);
      expect(headers['cache-control'], path).to.deep.equal(['no-cache']);
    }
  });

  it('has all that it names, each of its type', async () => {
    const paths = await reached('/');
    expect([...paths]).to.include.members(['/page/style.css', '/page/icon.svg', '/eureka/page/feed.js', '/page/windowed.js']);
    const types = { html: 'text/html', css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml' };
    for (const path of paths) {
      const [type = ''] = (await get(path)).headers['content-type'] ?? [];
      expect(type, path).to.match(
        new RegExp(`^${types[(path === '/' ? 'html' : path.split('.').at(-1)) as keyof typeof types].replace('+', '\\+')}`),
      );
    }
  });

  it('is not sent again to who has it', async () => {
    const { headers } = await get('/');
    const again = await get('/', [`If-None-Match: ${headers['etag']?.[0]}`]);
    expect([again.status, again.body]).to.deep.equal([304, '']);
    expect(again.headers['content-security-policy']).to.deep.equal(headers['content-security-policy']);
    expect((await get('/', ['If-None-Match: "another"'])).status).to.equal(200);
    expect((await get('/page/style.css')).headers['etag']).to.not.deep.equal(headers['etag']);
  });

  it('is described without being sent', async () => {
    const [whole, head] = [await get('/'), await get('/', [], 'HEAD')];
    expect([head.status, head.body, head.headers['etag']]).to.deep.equal([200, '', whole.headers['etag']]);
    expect(head.headers['content-length']).to.deep.equal([String(whole.body.length)]);
  });

  it('gives no other file away, and takes nothing', async () => {
    for (const path of [
      '/page/page.ts',
      '/page/tsconfig.json',
      '/eureka/page/index.html',
      '/page/..%2fclock.ts',
      '/page/%00.css',
      '/page/',
    ])
      expect((await get(path)).status, path).to.equal(404);
    expect((await get('/', ['Content-Length: 0'], 'POST')).status).to.equal(405);
  });
});
