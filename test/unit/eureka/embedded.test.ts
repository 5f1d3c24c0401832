import { mock } from 'node:test';
import { expect } from 'chai';
import { addressSet } from '../../../core/address/address-set.ts';
import { parseConfig } from '../../../core/config/load.ts';
import type { EmbeddedRegistryConfig } from '../../../core/config/schema/index.ts';
import { createEmbeddedRegistry } from '../../../core/eureka/embedded.ts';
import type { RegistryLevels } from '../../../core/telemetry/levels.ts';
import type { Logger } from '../../../core/telemetry/logger.ts';
import { testClock } from '../../support/clock.ts';

describe('the embedded registry', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }));
  afterEach(() => mock.timers.reset());

  it('lets go of who is not heard of any more, says so and counts it, and is read no more once it is closed', async () => {
    const given = { services: {}, routes: [], registry: { embedded: { port: 0 } } };
    const { config } = parseConfig(JSON.stringify(given), { file: 'postern.yaml', environment: {} });
    const clock = testClock();
    const logged: object[] = [];
    const log = (record: object) => void logged.push(record);
    let evictions = 0;
    const registries = new Set<RegistryLevels>();
    const count = (more: number) => {
      evictions += more;
    };
    const registry = createEmbeddedRegistry({
      config: config.registry.embedded as EmbeddedRegistryConfig,
      admits: addressSet(['127.0.0.1']),
      clock,
      random: () => 0.5,
      logger: { info: log, warn: log } as unknown as Logger,
      instruments: { registries, registryEvictions: { add: count }, registryRefused: { add() {} } },
    });
    const url = await registry.listen();
    const instance = { instanceId: 'one', hostName: 'host', app: 'ORDERS', ipAddr: '10.0.0.1', dataCenterInfo: { name: 'MyOwn' } };
    const headers = { 'content-type': 'application/json' };
    await fetch(`${url}/apps/ORDERS`, { method: 'POST', headers, body: JSON.stringify({ instance }) });
    const [levels] = registries;
    const pass = (milliseconds: number) => {
      clock.advance(milliseconds);
      mock.timers.tick(5_000);
    };
    pass(5_000);
    expect([evictions, levels?.applications()]).to.deep.equal([0, 1]);
    pass(90_000);
    // It stood still for so long, by its clock, that it heard nobody.
    pass(5_000);
    pass(90_000);
    expect([evictions, levels?.applications()]).to.deep.equal([1, 0]);
    expect(logged).to.deep.include({ event: 'registry-evicted', count: 1, left: 0 });
    await registry.close();
    expect(registries.size).to.equal(0);
  });
});
