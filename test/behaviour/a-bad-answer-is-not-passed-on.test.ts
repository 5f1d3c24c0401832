import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { testClock } from '../support/clock.ts';
import { contractFiles } from '../support/contract-files.ts';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

const order = {
  type: 'object',
  required: ['id'],
  additionalProperties: false,
  properties: { id: { type: 'integer' }, pin: { type: 'string', writeOnly: true } },
};

const document = {
  openapi: '3.1.0',
  info: { title: 'Orders', version: '1' },
  paths: {
    '/orders/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      get: {
        responses: {
          200: {
            description: 'OK',
            headers: { 'X-Count': { required: true, schema: { type: 'integer' } } },
            content: {
              'application/json': { schema: order },
              'text/event-stream': { schema: { type: 'string', maxLength: 1 } },
              'text/plain': {},
            },
          },
          '4XX': { description: 'Not so', content: { 'application/problem+json': { schema: { type: 'object', required: ['title'] } } } },
        },
      },
    },
  },
};

describe('a bad answer is not passed on', () => {
  const servers = serversOfThisSuite();
  const files = contractFiles();
  files.write('orders.json', document);
  const answering =
    (status: number, body: string | Buffer, headers: Record<string, string> = {}): RequestListener =>
    (_, res) =>
      void res.writeHead(status, { 'content-type': 'application/json', 'x-count': '1', ...headers }).end(body);
  const given = async (listener: RequestListener, validate: object = { response: 'enforce' }) =>
    open((await servers.upstream(listener)).url, { service: { openapi: './orders.json' }, route: { validate } });
  const options = { directory: files.directory };

  it('but 502 is, which says inside what is wrong, and nothing at the edge', async () => {
    const config = await given(answering(200, '{"id":"secret","more":1,"pin":"1234"}', { 'x-count': 'many' }));
    const inside = await ask((await servers.private(config, options)).port, '/orders/7');
    expect([inside.status, inside.json()['code']]).to.deep.equal([502, 'contract-broken']);
    expect(inside.json()['errors']).to.have.deep.members([
      { in: 'header', pointer: 'X-Count', detail: 'must be integer' },
      { in: 'body', pointer: '#/id', detail: 'must be integer' },
      { in: 'body', pointer: '#/more', detail: 'is not allowed' },
      { in: 'body', pointer: '#/pin', detail: 'is not allowed' },
    ]);
    const outside = await ask((await servers.public(config, options)).port, '/orders/7');
    expect([outside.status, outside.json()['code']]).to.deep.equal([502, 'contract-broken']);
    expect(outside.json()).not.to.have.any.keys('errors', 'detail');
    expect(outside.body).not.to.contain('secret');
  });

  const cases: Record<string, [RequestListener, number]> = {
    'a good answer': [answering(200, '{"id":1}'), 200],
    'a status of a class': [answering(404, '{"title":"None"}', { 'content-type': 'application/problem+json' }), 404],
    'a status of a class, wrong in its body': [answering(404, '{}', { 'content-type': 'application/problem+json' }), 502],
    'a status that the operation does not have': [answering(201, '{"id":1}'), 502],
    'a failure that the operation does not have': [answering(503, 'busy', { 'content-type': 'text/plain' }), 503],
    'another type': [answering(200, '<a/>', { 'content-type': 'text/html' }), 502],
    'no JSON': [answering(200, '{"id":1'), 502],
    'a member named twice': [answering(200, '{"id":"a","id":1}'), 502],
    'a compressed body': [answering(200, gzipSync('{"id":1}'), { 'content-encoding': 'gzip' }), 200],
    'a compressed body that is wrong': [answering(200, gzipSync('{"id":"a"}'), { 'content-encoding': 'gzip' }), 502],
    'a body in an unknown coding': [answering(200, 'x', { 'content-encoding': 'dcb' }), 200],
    'a body larger than is looked into': [answering(200, `{"id":"${'x'.repeat(5_000)}"}`), 200],
    'a stream of events': [answering(200, 'data: 1\n\n', { 'content-type': 'text/event-stream' }), 200],
    'nothing new': [answering(304, ''), 304],
  };
  for (const [name, [listener, status]] of Object.entries(cases))
    it(`${name}: ${status}`, async () => {
      const gateway = await servers.private(await given(listener, { response: 'enforce', maxBody: '4KiB' }), options);
      const answer = await ask(gateway.port, '/orders/7');
      expect(answer.status).to.equal(status);
    });

  it('of a body nobody asked for, only the head is looked at', async () => {
    const gateway = await servers.private(await given(answering(200, '')), options);
    expect((await ask(gateway.port, '/orders/7', { method: 'HEAD' })).status).to.equal(200);
  });

  it('what stands in for an answer is none of the service, and is', async () => {
    const config = await given(answering(503, 'busy'), { response: 'enforce' });
    const route = { ...(config.routes?.[0] ?? {}), fallback: { status: 200, body: 'later' } };
    const gateway = await servers.private({ ...config, routes: [route] }, options);
    const answer = await ask(gateway.port, '/orders/7');
    expect([answer.status, answer.body]).to.deep.equal([200, 'later']);
  });

  it('of a sample that is empty, nothing is looked at', async () => {
    const gateway = await servers.private(await given(answering(200, '{}'), { response: 'enforce', sampling: '0%' }), options);
    expect((await ask(gateway.port, '/orders/7')).status).to.equal(200);
  });

  it('nor does anybody wait for what nothing is said of', async () => {
    let end: () => void = () => {};
    const trickling: RequestListener = (_, res) => {
      res.writeHead(200, { 'content-type': 'text/plain', 'x-count': '1' }).write('one ');
      end = () => res.end('two');
    };
    const gateway = await servers.private(await given(trickling), options);
    const answer = await fetch(`${gateway.url}/orders/7`);
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    expect(String(Buffer.from((await reader.read()).value ?? []))).to.equal('one ');
    end();
    expect(String(Buffer.from((await reader.read()).value ?? []))).to.equal('two');
  });

  it('nobody waits for what is only reported', async () => {
    let end: () => void = () => {};
    const trickling: RequestListener = (_, res) => {
      res.writeHead(200, { 'content-type': 'application/json', 'x-count': '1' }).write('{"id":');
      end = () => res.end('"a"}');
    };
    const gateway = await servers.private(await given(trickling, { response: 'report' }), options);
    const answer = await fetch(`${gateway.url}/orders/7`);
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    expect(String(Buffer.from((await reader.read()).value ?? []))).to.equal('{"id":');
    end();
    expect(String(Buffer.from((await reader.read()).value ?? []))).to.equal('"a"}');
    const counted = () => scrape(gateway.admin).then((scraped) => scraped.named('gateway_contract_violations_total').length);
    await eventually(counted, (count) => count === 1);
  });

  it('where it is only reported, it is, and counted, and told once a minute without a word of it', async () => {
    const clock = testClock();
    const config = await given(answering(200, '{"id":"a secret"}'), { response: 'report' });
    const gateway = await servers.private(config, { ...options, clock });
    for (let count = 0; count < 3; count += 1) expect((await ask(gateway.port, '/orders/7')).body).to.contain('a secret');
    await eventually(
      async () => (await scrape(gateway.admin)).named('gateway_contract_violations_total')[0]?.value,
      (count) => count === 3,
    );
    clock.advance(60_000);
    await ask(gateway.port, '/orders/7');
    const counted = await eventually(
      async () => (await scrape(gateway.admin)).named('gateway_contract_violations_total'),
      ([first]) => first?.value === 4,
    );
    expect(counted.map(({ value, labels }) => [value, labels['gateway_route_id'], labels['direction'], labels['kind']])).to.deep.equal([
      [4, 'open', 'response', 'body'],
    ]);
    await gateway.drain();
    const lines = gateway.logged().filter(({ event }) => event === 'contract-violation');
    expect(lines.map(({ count }) => count)).to.deep.equal([1, 3]);
    expect(lines[0]).to.include({
      route: 'open',
      service: 'upstream',
      operation: 'GET /orders/{id}',
      direction: 'response',
      mode: 'report',
      kind: 'body',
      rule: '#/paths/~1orders~1{id}/get/responses/200/content/application~1json/schema/properties/id/type',
    });
    expect(JSON.stringify(gateway.logged())).not.to.contain('secret');
  });
});
