import { expect } from 'chai';
import { contractFiles } from '../support/contract-files.ts';
import { ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';

const ok = (schema: string) => ({
  200: { description: 'OK', content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } } },
});
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
const x = (expose: object) => ({ 'x-postern': { expose } });

/** Half of it is for everybody, half for services. */
const document = {
  openapi: '3.0.3',
  info: { title: 'Orders', version: '1' },
  servers: [{ url: 'http://orders.internal.example' }],
  paths: {
    '/orders': {
      get: { operationId: 'listOrders', ...x({ public: { scopes: ['orders:read'] } }), responses: ok('Orders') },
      delete: { operationId: 'purgeOrders', summary: 'Secretly purge', ...x({ private: { callers: ['tests'] } }), responses: ok('Purged') },
    },
    '/orders/{id}': {
      parameters: [id],
      get: { operationId: 'getOrder', ...x({ public: {}, private: { callers: ['tests'] } }), responses: ok('Order') },
      patch: { operationId: 'hiddenOrder', responses: ok('Nobody') },
    },
    // Its path fits what is exposed.
    '/orders/internal': { get: { operationId: 'internal', responses: ok('Nobody') } },
    '/orders/$all': { get: { operationId: 'all', responses: ok('Nobody') } },
    '/orders/{id}:cancel': { parameters: [id], get: { operationId: 'cancel', responses: ok('Nobody') } },
  },
  components: {
    schemas: {
      Orders: { type: 'array', items: { $ref: '#/components/schemas/Order' } },
      Order: { type: 'object', nullable: true, properties: { id: { type: 'string' }, parent: { $ref: '#/components/schemas/Order' } } },
      Purged: { type: 'object', properties: { ledger: { $ref: '#/components/schemas/SecretLedger' } } },
      SecretLedger: { type: 'object' },
      Nobody: { type: 'object' },
    },
  },
};

describe('what is private is in no public document', () => {
  const servers = serversOfThisSuite();
  const files = contractFiles();
  files.write('orders.json', document);
  const given = (endpoint: string) => ({
    services: { orders: { endpoints: [endpoint], openapi: './orders.json', routesFrom: 'openapi' } },
    routes: [],
    public: { jwt: { issuer: 'a', audience: 'b', secret: 'a secret of thirty-two bytes, or more' }, openapi: '/openapi.json' },
    private: { callers: { tests: { from: ['127.0.0.0/8'] } }, openapi: '/docs/openapi.json' },
  });
  const operations = (text: string) =>
    Object.entries((JSON.parse(text) as { paths: Record<string, object> }).paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );

  it('and each gateway tells just what it exposes, on both ports', async () => {
    const upstream = await servers.upstream();
    const edge = await servers.public(given(upstream.url), { directory: files.directory });
    const inside = await servers.private(given(upstream.url), { directory: files.directory });
    const outer = await ask(edge.port, '/openapi.json');
    const inner = await ask(inside.port, '/docs/openapi.json');
    expect([outer.status, outer.header('content-type'), inner.status]).to.deep.equal([200, 'application/json', 200]);
    expect(operations(outer.body)).to.deep.equal(['get /orders', 'get /orders/{id}']);
    expect(operations(inner.body)).to.have.members(['delete /orders', 'get /orders/{id}']);
    expect(await (await fetch(`${edge.admin}/openapi.json`)).text()).to.equal(outer.body);
    expect(await (await fetch(`${inside.admin}/openapi.json`)).text()).to.equal(inner.body);

    const { components, paths } = JSON.parse(outer.body);
    expect(Object.keys(components.schemas)).to.deep.equal(['orders.Order', 'orders.Orders']);
    expect(paths['/orders'].get.security).to.deep.equal([{ bearer: ['orders:read'] }]);
    expect(components.securitySchemes).to.deep.equal({ bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } });
    expect(outer.body).not.to.match(/secret|purge|hidden|nobody|internal|x-postern/i);
    expect(components.schemas['orders.Order']).to.deep.equal({
      type: ['object', 'null'],
      properties: { id: { type: 'string' }, parent: { $ref: '#/components/schemas/orders.Order' } },
    });
  });

  it('nor is what is described, but exposed nowhere, reachable at all', async () => {
    const upstream = await servers.upstream();
    const inside = await servers.private(given(upstream.url), { directory: files.directory });
    expect((await ask(inside.port, '/orders/7')).status).to.equal(200);
    expect((await ask(inside.port, '/orders', { method: 'DELETE' })).status).to.equal(200);
    expect((await ask(inside.port, '/orders')).status).to.equal(405);
    expect((await ask(inside.port, '/orders/7', { method: 'PATCH' })).status).to.equal(405);
    for (const path of ['internal', 'internal;v=1', 'internal%3Bv=1', '$all', '%24all', '7:cancel', '7%3Acancel']) {
      const overlapping = await ask(inside.port, `/orders/${path}`);
      expect([overlapping.status, overlapping.json()['code']], path).to.deep.equal([404, 'no-route']);
    }
    expect(upstream.requests.map(({ method, url }) => `${method} ${url}`)).to.deep.equal(['GET /orders/7', 'DELETE /orders']);
  });
});
