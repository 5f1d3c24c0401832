import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { parseConfig } from '../../../core/config/load.ts';
import { contractsOf, readContracts } from '../../../core/contract/contracts.ts';
import { exposedDocument } from '../../../core/contract/exposed.ts';
import { exposedThrough } from '../../../core/routing/exposure.ts';
import { buildTable } from '../../../core/routing/table.ts';
import { contractFiles } from '../../support/contract-files.ts';

interface Exposed {
  readonly paths: Record<string, Record<string, { operationId?: string; parameters?: { name: string; in: string }[]; servers?: unknown }>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

describe('the document of what is exposed', () => {
  const files = contractFiles();

  function exposed(section: 'public' | 'private', document: object, routes: readonly object[], service: object = {}): Exposed {
    writeFileSync(join(files.directory, 'contract.json'), JSON.stringify({ openapi: '3.1.0', info: {}, ...document }));
    const text = stringify({
      services: { orders: { endpoints: ['http://127.0.0.1:4001'], openapi: './contract.json', ...service } },
      routes,
      public: { jwt: { issuer: 'a', audience: 'b', secret: 'a secret of thirty-two bytes, or more' } },
      private: { callers: { tests: { from: ['127.0.0.1'] } } },
    });
    const loaded = parseConfig(text, { file: join(files.directory, 'postern.yaml'), environment: {}, accompany: readContracts });
    const { config, revision } = loaded;
    const table = buildTable(exposedThrough(section, config.routes));
    return JSON.parse(exposedDocument({ section, title: section, revision, config, table, contracts: contractsOf(loaded) }));
  }

  const parametersOf = (path: string) =>
    [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: {} }));
  const operation = (path: string, schema?: string, more: object = {}) => ({
    operationId: schema ?? 'op',
    parameters: parametersOf(path),
    responses: {
      200: {
        description: '',
        ...(schema ? { content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } } } : {}),
      },
    },
    ...more,
  });

  const cases: [string, object, string, string | undefined, string[]?][] = [
    ['as it is', { match: { pathPrefix: '/orders' } }, '/orders/{id}', '/orders/{id}', ['id']],
    ['not what the route does not take', { match: { path: '/orders' } }, '/orders/{id}', undefined],
    ['nor by another method', { match: { pathPrefix: '/orders', methods: ['POST'] } }, '/orders/{id}', undefined],
    [
      'with a prefix taken away',
      { match: { pathPrefix: '/shop' }, rewrite: { stripPrefix: '/shop' } },
      '/orders/{id}',
      '/shop/orders/{id}',
      ['id'],
    ],
    [
      'with one put in front',
      { match: { pathPrefix: '/shop' }, rewrite: { stripPrefix: '/shop', prefixPath: '/orders' } },
      '/orders/{id}',
      '/shop/{id}',
      ['id'],
    ],
    [
      'not what the prefix does not lead to',
      { match: { pathPrefix: '/shop' }, rewrite: { prefixPath: '/users' } },
      '/orders/{id}',
      undefined,
    ],
    [
      'with a path of its own',
      { match: { path: '/o/{number}' }, rewrite: { path: '/orders/{number}' } },
      '/orders/{id}',
      '/o/{id}',
      ['id'],
    ],
    ['with what the token gives', { match: { path: '/me' }, rewrite: { path: '/users/{claims.sub}' } }, '/users/{id}', '/me', []],
    ['with what the route gives', { match: { path: '/latest' }, rewrite: { path: '/orders/last' } }, '/orders/{id}', '/latest', []],
    ['where the route takes one value', { match: { path: '/orders/7' } }, '/orders/{id}', '/orders/7', []],
    [
      'with a parameter that only the gateway has',
      { match: { path: '/{shop}/orders' }, rewrite: { path: '/orders' } },
      '/orders',
      '/{shop}/orders',
      ['shop'],
    ],
    ['with a parameter that is a part of an element', { match: { pathPrefix: '/' } }, '/orders/{id}.json', '/orders/{id}.json', ['id']],
  ];
  for (const [name, route, template, path, parameters] of cases)
    it(name, () => {
      const whole = { name: 'r', service: 'orders', expose: { public: {} }, ...route };
      const { paths } = exposed('public', { paths: { [template]: { get: operation(template) } } }, [whole]);
      expect(Object.keys(paths)).to.deep.equal(path === undefined ? [] : [path]);
      if (path !== undefined) expect((paths[path]?.['get']?.parameters ?? []).map((one) => one.name)).to.deep.equal(parameters);
    });

  it('has none that another route takes first, and hosts where the route has them', () => {
    const routes = [
      { name: 'all', match: { pathPrefix: '/', hosts: ['shop.example.com'] }, service: 'orders', expose: { public: {} } },
      {
        name: 'first',
        match: { path: '/a', hosts: ['shop.example.com'] },
        service: 'orders',
        rewrite: { path: '/b' },
        expose: { public: {} },
      },
    ];
    const { paths } = exposed(
      'public',
      { paths: { '/a': { get: operation('/a') }, '/b': { get: operation('/b', undefined, { operationId: 'b' }) } } },
      routes,
    );
    expect(Object.entries(paths).map(([path, item]) => [path, item['get']?.operationId])).to.have.deep.members([
      ['/a', 'orders.b'],
      // A name that is given already.
      ['/b', undefined],
    ]);
    expect(paths['/b']?.['get']?.servers).to.deep.equal([{ url: '//shop.example.com' }]);
  });

  it('has each path once, whatever its parameters are called, and each name of an operation', () => {
    const prefixed = (name: string) => ({
      name,
      match: { pathPrefix: `/${name}` },
      rewrite: { stripPrefix: `/${name}` },
      service: 'orders',
      expose: { public: {} },
    });
    const paths = {
      '/o/{id}/{part}': { get: operation('/o/{id}/{part}', undefined, { operationId: 'get' }) },
      '/o/{part}/{oid}': { put: operation('/o/{part}/{oid}', undefined, { operationId: 'put' }) },
    };
    const document = exposed('public', { paths }, [prefixed('a'), prefixed('b')]);
    expect(Object.entries(document.paths).map(([path, item]) => [path, ...Object.keys(item)])).to.deep.equal([
      ['/a/o/{id}/{part}', 'get', 'put'],
      ['/b/o/{id}/{part}', 'get', 'put'],
    ]);
    for (const { put } of Object.values(document.paths)) expect(put?.parameters?.map(({ name }) => name)).to.deep.equal(['id', 'part']);
    const ids = Object.values(document.paths).flatMap((item) => Object.values(item).map(({ operationId }) => operationId));
    expect(ids).to.deep.equal(['orders.get', 'orders.put', undefined, undefined]);
  });

  it('tells nothing of schemas that leads elsewhere', () => {
    const secret = { xml: { name: 'a', 'x-table': 'secret' }, externalDocs: { url: 'https://wiki.internal/secret' } };
    const refs = ['Cat', 'Dog'].map((name) => ({ $ref: `#/components/schemas/${name}` }));
    const mapping = { c: '#/components/schemas/Cat', d: 'Dog', s: '#/components/schemas/Secret' };
    const schemas = {
      Pet: { oneOf: refs, discriminator: { propertyName: 'kind', mapping } },
      ...Object.fromEntries(['Cat', 'Dog', 'Secret'].map((name) => [name, { type: 'object', ...secret }])),
    };
    const route = { name: 'r', match: { pathPrefix: '/' }, service: 'orders', expose: { public: {} } };
    const document = exposed('public', { paths: { '/pets': { get: operation('/pets', 'Pet') } }, components: { schemas } }, [route]);
    expect(JSON.stringify(document)).not.to.match(/secret/i);
    expect(document.components.schemas['orders.Pet']).to.have.nested.property('discriminator.mapping').that.deep.equals({
      c: '#/components/schemas/orders.Cat',
      d: '#/components/schemas/orders.Dog',
      Dog: '#/components/schemas/orders.Dog',
    });
  });

  it('has the routes that are made of a contract by its own base path, and whatever its templates look like', () => {
    const templates = ['/a/{x-1}', '/d/{1}', '/b/{id}.json', '/c/{from}...{to}'];
    const paths = Object.fromEntries(
      templates.map((template, at) => [
        template,
        { [at === 1 ? 'put' : 'get']: operation(template, undefined, { operationId: `o${at}` }) },
      ]),
    );
    const service = { routesFrom: 'openapi', expose: { public: {} } };
    const document = exposed(
      'public',
      { servers: [{ url: 'https://orders.example/{v}/api/', variables: { v: { default: 'v1' } } }], paths },
      [],
      service,
    );
    expect(Object.keys(document.paths)).to.have.members(templates.map((template) => `/v1/api${template}`));
  });

  it('has what is exposed there and nothing else, whatever the contract', () => {
    const expose = fc.constantFrom<object[]>(
      {},
      { public: {} },
      { public: { access: 'anonymous' } },
      { private: { callers: ['tests'] } },
      { public: {}, private: { callers: ['tests'] } },
    );
    const element = fc.constantFrom('a', 'b', '{x}', '{y}', 'c');
    const path = fc.uniqueArray(element, { minLength: 1, maxLength: 3 }).map((elements) => `/${elements.join('/')}`);
    const one = fc.record({ path, method: fc.constantFrom('get', 'post', 'delete'), expose });
    const unnamed = (template: string) => template.replace(/\{.\}/g, '{}');
    const shapeOf = ({ path: template, method }: { path: string; method: string }) => `${method} ${unnamed(template)}`;
    fc.assert(
      fc.property(fc.uniqueArray(one, { minLength: 1, maxLength: 8, selector: shapeOf }), (operations) => {
        const paths: Record<string, Record<string, object>> = {};
        const schemas: Record<string, object> = {};
        for (const [at, { path: template, method, expose: own }] of operations.entries()) {
          paths[template] = { ...paths[template], [method]: operation(template, `Own${at}`, { 'x-postern': { expose: own } }) };
          schemas[`Own${at}`] = { properties: { inner: { $ref: `#/components/schemas/Inner${at}` } } };
          schemas[`Inner${at}`] = { description: `inner ${at}` };
        }
        for (const section of ['public', 'private'] as const) {
          const document = exposed(section, { paths, components: { schemas } }, [], { routesFrom: 'openapi' });
          const wanted = operations.flatMap((given, at) => (section in given.expose ? [{ ...given, at }] : []));
          const had = Object.entries(document.paths).flatMap(([template, item]) =>
            Object.entries(item).map(([method, { operationId }]) => `${method} ${unnamed(template)} ${operationId}`),
          );
          expect(had).to.have.members(wanted.map((given) => `${shapeOf(given)} orders.Own${given.at}`));
          const named = wanted.flatMap(({ at }) => [`orders.Own${at}`, `orders.Inner${at}`]);
          expect(Object.keys(document.components.schemas)).to.have.members(named);
        }
      }),
      { numRuns: 100 },
    );
  });
});
