import { expect } from 'chai';
import { contractFiles } from '../support/contract-files.ts';
import { open, type TestGateway } from '../support/gateways.ts';
import type { Upstream } from '../support/upstream.ts';
import { ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';

const order = {
  type: 'object',
  required: ['items'],
  additionalProperties: false,
  properties: {
    id: { type: 'string', readOnly: true },
    items: {
      type: 'array',
      minItems: 1,
      items: { type: 'object', required: ['sku', 'qty'], properties: { sku: { type: 'string' }, qty: { type: 'integer', minimum: 1 } } },
    },
  },
};

const document = {
  openapi: '3.0.3',
  info: { title: 'Orders', version: '1' },
  paths: {
    '/orders': {
      get: {
        parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer', maximum: 100 } }],
        responses: { 200: { description: 'OK' } },
      },
      post: {
        requestBody: { required: true, content: { 'application/json': { schema: { $ref: '#/components/schemas/Order' } } } },
        responses: { 201: { description: 'Made' } },
      },
    },
  },
  components: { schemas: { Order: order } },
};

describe('a bad request never reaches its service', () => {
  const servers = serversOfThisSuite();
  const files = contractFiles();
  let upstream: Upstream;
  let gateway: TestGateway;

  before(async () => {
    upstream = await servers.upstream();
    files.write('orders.json', document);
    const given = open(upstream.url, { service: { openapi: './orders.json' }, route: { validate: { request: 'enforce' } } });
    gateway = await servers.public(given, { directory: files.directory });
  });
  const post = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    ask(gateway.port, '/orders', { method: 'POST', headers, body });

  it('is told everything that is wrong with it, each with its place', async () => {
    const answer = await post(JSON.stringify({ items: [{ qty: 0 }], more: 1, id: 'mine' }));
    expect(answer.status).to.equal(400);
    expect(answer.header('content-type')).to.equal('application/problem+json');
    expect(answer.json()['code']).to.equal('contract-violated');
    expect(answer.json()['errors']).to.have.deep.members([
      { in: 'body', pointer: '#/more', detail: 'is not allowed' },
      { in: 'body', pointer: '#/id', detail: 'is not allowed' },
      { in: 'body', pointer: '#/items/0/sku', detail: 'is required' },
      { in: 'body', pointer: '#/items/0/qty', detail: 'must be >= 1' },
    ]);
    const query = await ask(gateway.port, '/orders?limit=1000');
    expect([query.status, query.json()['errors']]).to.deep.equal([400, [{ in: 'query', pointer: 'limit', detail: 'must be <= 100' }]]);
    expect(upstream.requests).to.have.length(0);
  });

  it('and a good one does, whole', async () => {
    const body = JSON.stringify({ items: [{ sku: 'lamp', qty: 2 }] });
    expect((await post(body)).json()).to.include({ method: 'POST', url: '/orders', body });
    expect((await ask(gateway.port, '/orders?limit=10&more=1')).json()).to.include({ url: '/orders?limit=10&more=1' });
  });
});
