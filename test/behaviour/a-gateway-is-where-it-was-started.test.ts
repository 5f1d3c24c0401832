import { expect } from 'chai';
import { eurekaInstance, startEurekaServer } from '../support/eureka-server.ts';
import { freePorts } from '../support/free-ports.ts';
import { open } from '../support/gateways.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('a gateway stays where it was started', () => {
  const servers = serversOfThisSuite();

  it('and has nobody led to its admin port, though the configuration says by now that it is elsewhere', async () => {
    const [before = 0, after = 0] = await freePorts(2);
    const eureka = await startEurekaServer();
    servers.defer(() => eureka.close());
    const { port } = await servers.upstream();
    eureka.instances.set('service', eurekaInstance('UPSTREAM', port));
    eureka.instances.set('own', eurekaInstance('UPSTREAM', before));
    const given = (admin: number) => ({
      ...open('', { public: { admin: { port: admin } } }),
      services: { upstream: { registry: 'eureka' } },
      registry: { eureka: [eureka.url], lastKnown: false },
    });
    const gateway = await servers.public(given(before));
    const endpoints = async () => {
      const { endpoints: all } = (await (await fetch(`${gateway.admin}/services/upstream/endpoints`)).json()) as {
        endpoints: { endpoint: string }[];
      };
      return all.map(({ endpoint }) => endpoint);
    };
    await eventually(endpoints, ({ length }) => length > 0);
    gateway.rewrite(given(after));
    expect(await gateway.reloading.reload('api')).to.deep.include({ ok: true, needsRestart: ['public.admin'] });
    // The registry is asked anew: it may be led elsewhere from now on.
    await eventually(
      () => eureka.asked.length,
      (count) => count > 1,
    );
    expect(await endpoints()).to.deep.equal([`127.0.0.1:${port}`]);
  });
});
