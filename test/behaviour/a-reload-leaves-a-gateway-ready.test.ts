import { expect } from 'chai';
import { startEurekaServer } from '../support/eureka-server.ts';
import { open } from '../support/gateways.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('a reload that adds a service whose registry hangs', () => {
  const servers = serversOfThisSuite();

  it('leaves a gateway ready that was, for all take it up at once; one that starts so is not', async function () {
    // The reload itself waits for the registry, for five seconds.
    this.timeout(20_000);
    const eureka = await startEurekaServer();
    eureka.before = () => new Promise(() => {});
    servers.defer(() => eureka.close());
    const { url } = await servers.upstream();
    const given = open(url);
    const route = { name: 'found', match: { path: '/found' }, service: 'found', expose: { public: { access: 'anonymous' } } };
    const more = {
      ...given,
      services: { ...given.services, found: { registry: 'eureka' } },
      routes: [...(given.routes ?? []), route],
      registry: { eureka: [eureka.url], lastKnown: false },
    };
    const [gateway, started] = [await servers.public(given), await servers.public(more)];
    const readiness = async ({ admin }: { admin: string }) => {
      const answer = await fetch(`${admin}/readyz?verbose`);
      return [answer.status, (await answer.text()).split('\n').find((line) => line.includes('endpoints-of-found'))];
    };
    // Nobody has asked whether it is ready before.
    gateway.rewrite(more);
    expect(await gateway.reloading.reload('api')).to.include({ ok: true, changed: true });
    expect(await readiness(gateway)).to.deep.equal([200, '[+]endpoints-of-found ok (no answer yet)']);
    expect(await readiness(started)).to.deep.equal([503, '[-]endpoints-of-found failed (no answer yet)']);
  });
});
