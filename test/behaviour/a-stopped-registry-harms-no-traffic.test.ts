import { expect } from 'chai';
import { freePorts } from '../support/free-ports.ts';
import { ask, askInside } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { run } from './support/process.ts';
import { scrape } from './support/prometheus.ts';
import { APP, byWhom, calm, givenRegistry, lost, PATIENCE, traffic } from './support/registered-service.ts';
import { startRegisteringServer } from './support/registering-servers.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('a registry that dies, and is back with nothing', () => {
  const servers = serversOfThisSuite();

  it('is not felt by who calls what was known; the services register again, and nobody was dropped meanwhile', async () => {
    const [port = 0] = await freePorts(1);
    const given = givenRegistry(port, '500ms');
    const registry = `http://127.0.0.1:${port}/eureka`;
    const startRegistry = () => run(servers, 'private', given);
    const inside = await startRegistry();
    const edge = await servers.public(given, { pressure: calm });
    const services = await Promise.all([1, 2].map(() => startRegisteringServer(servers, registry, APP)));
    const pids = services.map(({ pid }) => pid);
    const stale = async () => (await scrape(edge.admin)).named('gateway_registry_stale').map(({ value }) => value);
    await eventually(
      () => ask(edge.port),
      ({ status }) => status === 200,
      PATIENCE,
    );
    const load = traffic([edge.url], [{ method: 'GET' }, { method: 'POST', body: 'x'.repeat(2_000) }]);
    const allAnswer = async () => {
      const since = load.outcomes().length;
      await eventually(
        () => byWhom(load.outcomes(since)).size,
        (count) => count === 2,
        PATIENCE,
      );
    };
    await allAnswer();

    inside.child.kill('SIGKILL');
    await inside.ended;
    await eventually(stale, ([value]) => value === 1, PATIENCE);
    await allAnswer();
    expect((await fetch(`${edge.admin}/readyz`)).status).to.equal(200);

    const again = await startRegistry();
    await eventually(
      async () => (await askInside(port, `/eureka/apps/${APP}`)).body.split('<instance>').length - 1,
      (count) => count === 2,
      PATIENCE,
    );
    await eventually(stale, ([value]) => value === 0, PATIENCE);
    await allAnswer();
    // Through the new one's own gateway too, which knew nothing.
    await eventually(
      async () => (await ask(again.port)).status,
      (status) => status === 200,
      PATIENCE,
    );
    expect(lost(await load.stop())).to.deep.equal([]);
    expect([...byWhom(load.outcomes())]).to.have.members(pids);
    await edge.drain();
    const left = edge.logged().filter(({ event, left: gone }) => event === 'endpoints-changed' && Array.isArray(gone) && gone.length > 0);
    expect(left).to.deep.equal([]);
  }).timeout(120_000);
});
