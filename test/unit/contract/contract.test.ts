import { expect } from 'chai';
import { aContract } from './a-contract.ts';

const operation = (...names: string[]) => ({
  parameters: names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
  responses: { 200: { description: '' } },
});

describe('contracts', () => {
  it('find nothing where services that drop ;parameters find another operation than those that do not', () => {
    const contract = aContract({
      paths: {
        '/orders/{id}': { get: operation('id') },
        '/orders/export': { get: operation() },
        '/map/{coordinates}': { get: operation('coordinates') },
        '/odd;export': { get: operation() },
        '/odd': { get: operation() },
      },
    });
    const at = (path: string) => contract.find('GET', path)?.operation.template;
    expect(['/orders/export;v=1', '/orders/export%3Bv=1', '/orders/export;'].map(at)).to.deep.equal([undefined, undefined, undefined]);
    expect(at('/orders/7;v=1')).to.equal('/orders/{id}');
    expect(contract.find('GET', '/map/;x=1;y=2')?.params).to.deep.equal({ coordinates: ';x=1;y=2' });
    expect(at('/odd;export')).to.equal('/odd;export');
  });

  it('have their paths behind each of their servers, those of an operation before those of its path and of all', () => {
    const servers = (...urls: string[]) => ({ servers: urls.map((url) => ({ url })) });
    const contract = aContract({
      ...servers('https://orders.example/v1', '/v2/'),
      paths: {
        '/orders': { get: operation() },
        '/old': { ...servers('/v0'), get: operation(), put: { ...operation(), ...servers('https://old.example/') } },
      },
    });
    const at = (method: string, ...paths: string[]) => paths.map((path) => contract.find(method, path)?.operation.template);
    expect(at('GET', '/v1/orders', '/v2/orders', '/orders', '/v0/orders')).to.deep.equal(['/orders', '/orders', undefined, undefined]);
    expect(at('GET', '/v0/old', '/v1/old', '/old')).to.deep.equal(['/old', undefined, undefined]);
    expect(at('PUT', '/old', '/v0/old')).to.deep.equal(['/old', undefined]);
  });
});
