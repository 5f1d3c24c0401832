import { expect } from 'chai';
import { freePorts } from '../support/free-ports.ts';
import type { TestGateway } from '../support/gateways.ts';
import { eventually } from './support/eventually.ts';
import { scrape } from './support/prometheus.ts';
import { APP, byWhom, calm, givenRegistry, lost, PATIENCE, traffic } from './support/registered-service.ts';
import { startRegisteringServer } from './support/registering-servers.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('one of three registered instances that is killed under load', () => {
  const servers = serversOfThisSuite();
  const endpoints = async ({ admin }: TestGateway) =>
    (await scrape(admin)).named('gateway_endpoint_health').map(({ labels }) => Number(labels['gateway_endpoint_address']?.split(':')[1]));

  it('fails not one idempotent request, and leaves the registry and both gateways when its lease is over', async () => {
    const [port = 0] = await freePorts(1);
    const inside = await servers.private(givenRegistry(port), { pressure: calm });
    const edge = await servers.public(givenRegistry(port), { pressure: calm });
    const registry = `http://127.0.0.1:${port}/eureka`;
    const start = () => startRegisteringServer(servers, registry, APP);
    const [first, second, third] = await Promise.all([start(), start(), start()]);
    const ports = [first, second, third].map((one) => one.port);
    for (const gateway of [inside, edge])
      await eventually(
        () => endpoints(gateway),
        (known) => ports.every((one) => known.includes(one)),
        PATIENCE,
      );

    const load = traffic([inside.url, edge.url], [{ method: 'GET' }, { method: 'PUT', body: 'x'.repeat(2_000) }]);
    // So many that the retry budget, a fifth of the requests, is not spent on those that meet the dead one.
    await eventually(
      () => load.outcomes().length,
      (count) => count > 500,
      PATIENCE,
    );
    expect(byWhom(load.outcomes()).size).to.equal(3);
    await first.kill();
    await eventually(
      () => inside.registry?.view.instances(APP).map(({ port: { port: of } }) => of) ?? [],
      (known) => !known.includes(first.port),
      PATIENCE,
    );
    for (const gateway of [inside, edge])
      await eventually(
        () => endpoints(gateway),
        (known) => !known.includes(first.port),
        PATIENCE,
      );
    const since = load.outcomes().length;
    await eventually(
      () => load.outcomes(since),
      (outcomes) => byWhom(outcomes).size === 2,
      PATIENCE,
    );
    expect(lost(await load.stop())).to.deep.equal([]);
    expect([...byWhom(load.outcomes(since + 8))]).to.not.include(first.pid);
    expect(inside.registry?.view.instances(APP).map(({ port: { port: of } }) => of)).to.have.members([second.port, third.port]);
  }).timeout(120_000);
});
