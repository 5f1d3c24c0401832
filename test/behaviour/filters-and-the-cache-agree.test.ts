import { expect } from 'chai';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { type FilterFolder, filterFolder } from './support/filter-folder.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('filters and the cache', () => {
  const servers = serversOfThisSuite();
  let folder: FilterFolder;
  before(() => {
    folder = filterFolder(servers);
  });

  it('agree what a request is: one whose method a filter has changed is neither answered nor stored as another', async () => {
    const upstream = await servers.upstream(({ method }, res) => {
      const text = `${method} ${upstream.requests.length}`;
      res.writeHead(200, { 'cache-control': 'public, max-age=60', 'content-length': text.length });
      res.end(text);
    });
    const override = folder.write(
      'override.ts',
      `name: 'override', stage: 'pre', run({ request }) {
         const method = request.headers.get('x-http-method-override');
         if (method) request.method = method;
       }`,
    );
    const gateway = await servers.public(open(upstream.url, { route: { filters: [override], cache: {} } }), {
      directory: folder.directory,
    });
    const as = (method: string) => ({ headers: { 'x-http-method-override': method } });
    expect((await ask(gateway.port, '/x')).body).to.equal('GET 1');
    expect((await ask(gateway.port, '/x')).body).to.equal('GET 1');
    expect((await ask(gateway.port, '/x', as('DELETE'))).body).to.equal('DELETE 2');
    expect((await ask(gateway.port, '/x', as('DELETE'))).body).to.equal('DELETE 3');
    expect((await ask(gateway.port, '/x')).body).to.equal('GET 4');
    expect((await ask(gateway.port, '/x', { method: 'POST', ...as('GET') })).body).to.equal('GET 5');
    expect((await ask(gateway.port, '/x')).body).to.equal('GET 4');
  });

  it('agree where a stored redirect leads', async () => {
    const upstream = await servers.upstream((_req, res) => {
      res.writeHead(302, { location: `${upstream.url}/elsewhere`, 'cache-control': 'public, max-age=60' });
      res.end();
    });
    const gateway = await servers.public(open(upstream.url, { route: { filters: ['rewriteLocation'], cache: {} } }));
    const answers = [await ask(gateway.port, '/x'), await ask(gateway.port, '/x')];
    expect(answers.map((answer) => answer.header('location'))).to.deep.equal(Array(2).fill('http://shop.example/elsewhere'));
    expect(answers[1]?.header('cache-status')).to.contain('; hit');
    expect(upstream.requests).to.have.length(1);
  });
});
