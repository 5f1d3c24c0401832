import { expect } from 'chai';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { run } from './support/process.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('A second signal ends a gateway now', () => {
  const servers = serversOfThisSuite();

  it('whatever is under way, and not as a success', async () => {
    const upstream = await servers.upstream(() => {});
    const gateway = await run(servers, 'private', open(upstream.url, { private: { drain: { grace: '60s', deadline: '60s' } } }));
    const stuck = ask(gateway.port);
    await eventually(
      () => upstream.requests.length,
      (count) => count === 1,
    );
    gateway.child.kill('SIGTERM');
    await eventually(gateway.readyz, (status) => status === 503);
    gateway.child.kill('SIGINT');
    expect(await gateway.ended).to.deep.include({ code: 1, signal: null, stderr: '' });
    expect((await stuck).status).to.equal(0);
  });
});
