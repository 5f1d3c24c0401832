import { expect } from 'chai';
import { freePorts } from '../support/free-ports.ts';
import { eventually } from './support/eventually.ts';
import { APP, byWhom, calm, givenRegistry, lost, PATIENCE, traffic } from './support/registered-service.ts';
import { startRegisteringServer } from './support/registering-servers.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('an instance that deregisters, goes on until nobody asks it, and exits', () => {
  const servers = serversOfThisSuite();
  const body = 'x'.repeat(2_000);

  it('costs no request, idempotent or not, through either gateway', async () => {
    const [port = 0] = await freePorts(1);
    const inside = await servers.private(givenRegistry(port), { pressure: calm });
    const edge = await servers.public(givenRegistry(port), { pressure: calm });
    const registry = `http://127.0.0.1:${port}/eureka`;
    const [first, second] = await Promise.all([1, 2].map(() => startRegisteringServer(servers, registry, APP)));
    if (!first || !second) throw new Error('no service');
    const kinds = [{ method: 'GET' }, { method: 'POST', body }, { method: 'PUT', body }, { method: 'POST', body }];
    const called = (gateway: { url: string }) => fetch(gateway.url).then(({ status }) => status);
    for (const gateway of [inside, edge])
      await eventually(
        () => called(gateway),
        (status) => status === 200,
        PATIENCE,
      );

    const load = traffic([inside.url, edge.url], kinds);
    await eventually(
      () => byWhom(load.outcomes()).size,
      (count) => count === 2,
      PATIENCE,
    );
    expect(await first.end()).to.equal(0);
    const since = load.outcomes().length;
    await eventually(
      () => load.outcomes(since).length,
      (count) => count > 200,
      PATIENCE,
    );
    expect(lost(await load.stop())).to.deep.equal([]);
    expect([...byWhom(load.outcomes(since))]).to.deep.equal([second.pid]);
    expect(inside.registry?.view.instances(APP).map(({ port: { port: of } }) => of)).to.deep.equal([second.port]);
  }).timeout(120_000);
});
