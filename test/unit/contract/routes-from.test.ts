import { join } from 'node:path';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { ConfigError } from '../../../core/config/finding.ts';
import { parseConfig } from '../../../core/config/load.ts';
import { readContracts } from '../../../core/contract/contracts.ts';
import { exposedThrough } from '../../../core/routing/exposure.ts';
import { buildTable } from '../../../core/routing/table.ts';
import { contractFiles } from '../../support/contract-files.ts';

describe('routes made of a contract', () => {
  const files = contractFiles();

  /** The name of the route that a path leads to at the edge. */
  function table(document: object, service: object = {}, routes: readonly object[] = []) {
    files.write('contract.json', { openapi: '3.1.0', info: {}, ...document });
    const text = stringify({
      services: {
        orders: { endpoints: ['http://127.0.0.1:4001'], openapi: './contract.json', routesFrom: 'openapi', ...service },
        other: { endpoints: ['http://127.0.0.1:4002'] },
      },
      routes,
      public: { jwt: { issuer: 'a', audience: 'b', secret: 'a secret of thirty-two bytes, or more' } },
    });
    const loaded = parseConfig(text, { file: join(files.directory, 'postern.yaml'), environment: {}, accompany: readContracts });
    const built = buildTable(exposedThrough('public', loaded.config.routes));
    return (path: string, { host = 'a.example', method = 'GET', headers = {} } = {}) => {
      const match = built.match({ method, host, path, query: '', headers });
      return match.found === 'route' ? match.route.name : undefined;
    };
  }

  const operation = (path: string, more: object = {}) => ({
    operationId: 'own',
    parameters: [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: {} })),
    responses: { 200: { description: '' } },
    ...more,
  });

  const open = { expose: { public: {} } };

  it('are made beside routes of the file that take some of the requests, and give way to those that take all', () => {
    const paths = { '/orders': { get: operation('/orders') } };
    const byHand = (match: object, service = 'orders') => ({ name: 'by-hand', match: { path: '/orders', ...match }, service, ...open });
    const one = table({ paths }, open, [byHand({ hosts: ['shop.example'] }, 'other')]);
    expect([one('/orders', { host: 'shop.example' }), one('/orders')]).to.deep.equal(['by-hand', 'orders.own']);
    for (const condition of [{ headers: { a: 'b' } }, { queryParams: { a: 'b' } }, { cookies: { a: 'b' } }])
      expect(table({ paths }, open, [byHand({ ...condition, methods: ['GET'] })])('/orders'), JSON.stringify(condition)).to.equal(
        'orders.own',
      );
    expect(table({ paths }, open, [byHand({})])('/orders')).to.equal('by-hand');
  });

  it('are exposed as their operation says, and not as the service does where it says nothing that can be read', () => {
    const wrong = (document: object) => {
      try {
        table(document, open);
      } catch (problem) {
        if (!(problem instanceof ConfigError)) throw problem;
        return problem.findings.flatMap(({ severity, path, message }) => (severity === 'error' ? `${path.join('.')} ${message}` : []));
      }
      return [];
    };
    const extended = (extension: unknown) => ({ paths: { '/orders': { get: operation('/orders', { 'x-postern': extension }) } } });
    expect(wrong(extended({ expose: null }))).to.deep.equal(['paths./orders.get.x-postern.expose is no object']);
    expect(wrong(extended(null))).to.deep.equal(['paths./orders.get x-postern is no object']);
    expect(table(extended({ expose: {} }), open)('/orders')).to.equal(undefined);
    const item = { get: operation('/orders') };
    const misplaced = ' has no effect here: it belongs to an operation';
    const extension = { 'x-postern': { expose: {} } };
    expect(wrong({ paths: { '/orders': { ...item, ...extension } } })).to.deep.equal([`paths./orders.x-postern${misplaced}`]);
    expect(wrong({ paths: { '/orders': item }, ...extension })).to.deep.equal([`x-postern${misplaced}`]);
  });

  it('look once through a path with several parameters in one element', () => {
    const template = '/{a}-{b}...{c}-{d}-{e}-{f}.json/{g}';
    const leads = table({ paths: { [template]: { get: operation(template) } } }, open);
    expect(leads('/1-2...3-4-5--6-7.json/8')).to.equal('orders.own');
    expect(leads('/1-2..3-4-5-6.json/8')).to.equal(undefined);
    expect(leads('/-2...3-4-5-6.json/8')).to.equal(undefined);
    expect(leads(`/1-2...${'-'.repeat(8_000)}`)).to.equal(undefined);
  });
});
