import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { open } from '../support/gateways.ts';
import type { Echo } from '../support/upstream.ts';
import { ask } from './support/ask.ts';
import { filterFolder } from './support/filter-folder.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('filters', () => {
  const servers = serversOfThisSuite();
  const mark = (name: string, stage: string, order: number, body = '') => `
    name: '${name}', stage: '${stage}', order: ${order},
    run(exchange) {
      const trail = exchange.state.get('trail') ?? [];
      exchange.state.set('trail', [...trail, '${name}']);
      ${body}
    }`;

  it('run by stage, then by number, the gateway’s before the route’s, then as the file has them', async () => {
    const folder = filterFolder(servers);
    const show = "exchange.response.headers.set('x-trail', exchange.state.get('trail').join(' '));";
    const names = [
      folder.write('show.ts', mark('last', 'post', 900, show)),
      folder.write('c.ts', mark('pre-20', 'pre', 20)),
      folder.write('b.ts', mark('pre-10-first', 'pre', 10)),
      folder.write('b2.ts', mark('pre-10-second', 'pre', 10)),
      folder.write('r.ts', mark('route', 'route', 0)),
      folder.write('e.ts', mark('error', 'error', 0)),
      folder.write('p.ts', mark('post', 'post', -5)),
    ];
    const general = folder.write('g.ts', mark('pre-10-general', 'pre', 10));
    const upstream = await servers.upstream();
    for (const start of [servers.public, servers.private]) {
      const given = open(upstream.url, {
        route: { filters: names },
        public: { filters: [general] },
        private: { filters: [general] },
      });
      const gateway = await start(given, { directory: folder.directory });
      const answer = await ask(gateway.port, '/');
      expect(answer.header('x-trail')).to.equal('pre-10-general pre-10-first pre-10-second pre-20 route post last');
    }
    const gateway = await servers.public(open('http://127.0.0.1:1', { route: { filters: names } }), { directory: folder.directory });
    const failed = await ask(gateway.port, '/');
    expect([failed.status, failed.header('x-trail')]).to.deep.equal([502, 'pre-10-first pre-10-second pre-20 route error post last']);
  });

  it('of stage route are around the call, one in the other', async () => {
    const folder = filterFolder(servers);
    const around = (name: string, order: number) => `
      name: '${name}', stage: 'route', order: ${order},
      async run(exchange) {
        exchange.request.headers.append('x-down', '${name}');
        const response = await exchange.next();
        response.headers.append('x-up', '${name}');
      }`;
    const filters = [folder.write('inner.ts', around('inner', 2)), folder.write('outer.ts', around('outer', 1))];
    const upstream = await servers.upstream();
    const gateway = await servers.public(open(upstream.url, { route: { filters } }), { directory: folder.directory });
    const answer = await ask(gateway.port, '/');
    expect((answer.json() as unknown as Echo).headers['x-down']).to.equal('outer, inner');
    expect(answer.headers['x-up']).to.deep.equal(['inner', 'outer']);
  });

  it('may answer by themselves: nothing behind is asked, but post still runs', async () => {
    const folder = filterFolder(servers);
    const filters = [
      folder.write(
        'a.ts',
        mark('a', 'pre', 1, "if (exchange.request.params.x !== '') exchange.respond(418, { 'x-by': 'a' }, { short: true });"),
      ),
      folder.write('b.ts', mark('b', 'pre', 2)),
      folder.write('r.ts', mark('r', 'route', 2)),
      folder.write('p.ts', mark('p', 'post', 2, "exchange.response.headers.set('x-trail', exchange.state.get('trail').join(' '));")),
    ];
    const upstream = await servers.upstream();
    const gateway = await servers.public(open(upstream.url, { route: { filters } }), { directory: folder.directory });
    const answer = await ask(gateway.port, '/');
    expect([answer.status, answer.body, answer.header('x-by'), answer.header('x-trail')]).to.deep.equal([
      418,
      '{"short":true}',
      'a',
      'a p',
    ]);
    expect(answer.header('content-type')).to.equal('application/json');
    expect(upstream.requests).to.have.length(0);
    const head = await ask(gateway.port, '/', { method: 'HEAD' });
    expect([head.status, head.body, head.header('content-length')]).to.deep.equal([418, '', '14']);
    // Nobody asks for an upload that is answered without it, and the connection carries nothing more.
    const waiting = await ask(gateway.port, '/', { method: 'POST', headers: { expect: '100-continue', 'content-length': '5' } });
    expect(waiting.status).to.equal(418);
  });

  it('of stage route may answer in place of the service, or deal with its failure', async () => {
    const folder = filterFolder(servers);
    const filters = [
      folder.write(
        'answers.ts',
        `
        name: 'answers', stage: 'route',
        async run(exchange) {
          if (exchange.request.url === '/own') return exchange.respond(203, {}, 'mine');
          try { await exchange.next(); } catch (problem) { exchange.respond(200, {}, problem.code); }
        }`,
      ),
    ];
    const gateway = await servers.public(open('http://127.0.0.1:1', { route: { filters } }), { directory: folder.directory });
    expect((await ask(gateway.port, '/own')).body).to.equal('mine');
    const rescued = await ask(gateway.port, '/');
    expect([rescued.status, rescued.body]).to.deep.equal([200, 'connection-refused']);
  });

  it('change what the service is asked, and what the client gets', async () => {
    const folder = filterFolder(servers);
    const filters = [
      folder.write(
        'request.ts',
        `
        name: 'request', stage: 'pre',
        async run({ request }) {
          const body = await request.body(100);
          request.method = 'PUT';
          request.url = '/other?of=' + request.params.id + '&by=' + request.principal.kind;
          request.headers.set('x-length', body.length);
          request.headers.delete('x-secret');
        }`,
      ),
      folder.write(
        'response.ts',
        `
        name: 'response', stage: 'post',
        async run({ response, request }) {
          const seen = JSON.parse(await response.body(10_000));
          response.status = 202;
          response.headers.set('etag', '"old"');
          response.setBody([seen.method, seen.url, seen.body, seen.headers['x-length'], seen.headers['x-secret'], await request.body(9)].join(' '));
        }`,
      ),
    ];
    const upstream = await servers.upstream();
    const route = { filters, match: { path: '/things/{id}' } };
    const gateway = await servers.public(open(upstream.url, { route }), { directory: folder.directory });
    const answer = await ask(gateway.port, '/things/7?x', { method: 'POST', body: 'hello', headers: { 'x-secret': 's' } });
    expect([answer.status, answer.body]).to.deep.equal([202, 'PUT /other?of=7&by=anonymous hello 5  ']);
    expect([answer.header('content-length'), answer.header('etag')]).to.deep.equal([String(answer.body.length), undefined]);
    const head = await ask(gateway.port, '/things/7', { method: 'HEAD' });
    expect([head.status, head.body]).to.deep.equal([202, '']);
  });

  it('change what every part of an answer is asked with', async () => {
    const part = await servers.upstream((req, res) => {
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(req.headers['x-team']));
    });
    const gateway = await servers.public({
      services: { one: { endpoints: [part.url] } },
      routes: [
        {
          name: 'both',
          match: { path: '/both' },
          aggregate: { parts: { a: { service: 'one', path: '/a' }, b: { service: 'one', path: '/b' } } },
          filters: [{ setRequestHeader: { 'x-team': 'blue' } }, { setResponseHeader: { 'x-made': 'of parts' } }],
          expose: { public: { access: 'anonymous' } },
        },
      ],
    });
    const answer = await ask(gateway.port, '/both');
    expect([answer.body, answer.header('x-made')]).to.deep.equal(['{"a":"blue","b":"blue"}', 'of parts']);
  });

  it('take what they need out of the exchange', async () => {
    const folder = filterFolder(servers);
    const filters = [
      folder.write(
        'takes.ts',
        "name: 'takes', stage: 'route', async run({ next, respond, request: { headers } }) { headers.set('a', 'b'); await next(); respond(201); }",
      ),
    ];
    const upstream = await servers.upstream();
    const gateway = await servers.public(open(upstream.url, { route: { filters } }), { directory: folder.directory });
    expect([(await ask(gateway.port, '/')).status, upstream.requests[0]?.headers['a']]).to.deep.equal([201, 'b']);
  });

  it('may be the one of the reference', async () => {
    const folder = filterFolder(servers);
    const name = folder.write('audit.ts', readFileSync(join(import.meta.dirname, 'data/audit.ts.txt'), 'utf8'));
    const upstream = await servers.upstream();
    const filters = [name, { [name]: { header: 'x-other' } }];
    const gateway = await servers.public(open(upstream.url, { route: { filters } }), { directory: folder.directory });
    const answer = await ask(gateway.port, '/');
    expect([answer.header('x-audit'), answer.header('x-other')]).to.deep.equal(['open', 'open']);
  });

  it('do not see what the steps above refuse', async () => {
    const given = open('http://127.0.0.1:1', { route: { filters: [{ setResponseHeader: { 'x-seen': 'yes' } }] } });
    const gateway = await servers.private({
      ...given,
      private: { callers: { others: { from: ['192.0.2.1'] }, tests: { from: ['192.0.2.2'] } } },
    });
    const refused = await ask(gateway.port, '/');
    expect([refused.status, refused.header('x-seen')]).to.deep.equal([403, undefined]);
  });
});
