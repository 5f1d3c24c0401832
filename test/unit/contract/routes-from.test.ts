import { join } from 'node:path';
import { expect } from 'chai';
import { stringify } from 'yaml';
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

  it('look once through a path with several parameters in one element', () => {
    const template = '/{a}-{b}...{c}-{d}-{e}-{f}.json/{g}';
    const leads = table({ paths: { [template]: { get: operation(template) } } }, { expose: { public: {} } });
    expect(leads('/1-2...3-4-5--6-7.json/8')).to.equal('orders.own');
    expect(leads('/1-2..3-4-5-6.json/8')).to.equal(undefined);
    expect(leads('/-2...3-4-5-6.json/8')).to.equal(undefined);
    expect(leads(`/1-2...${'-'.repeat(8_000)}`)).to.equal(undefined);
  });
});
