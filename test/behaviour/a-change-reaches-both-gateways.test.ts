import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import { eurekaInstance } from '../support/eureka-server.ts';
import { freePorts } from '../support/free-ports.ts';
import { open, type TestGateway } from '../support/gateways.ts';
import type { Upstream } from '../support/upstream.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('A change reaches both gateways', () => {
  const servers = serversOfThisSuite();
  let apps: string;
  let gateways: TestGateway[];

  before(async () => {
    const [port = 0] = await freePorts(1);
    // Nobody asks again within this suite: what changes, the registry tells.
    const given = {
      ...open(''),
      services: { upstream: { registry: 'eureka', name: 'STOCK', refresh: '1h', retry: { attempts: 0 } } },
      registry: { embedded: { port } },
    };
    apps = `http://127.0.0.1:${port}/eureka/apps/STOCK`;
    gateways = [await servers.private(given), await servers.public(given)];
    for (const gateway of gateways)
      await eventually(
        async () => (await (await fetch(`${gateway.admin}/readyz?verbose`)).text()).includes('endpoints-of-upstream ok (0)'),
        Boolean,
      );
  });

  const register = async ({ port }: Upstream, more: object = {}) => {
    const dataCenterInfo = { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' };
    const instance = { ...eurekaInstance('STOCK', port), dataCenterInfo, ...more };
    const body = JSON.stringify({ instance });
    const answer = await fetch(apps, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect(answer.status).to.equal(204);
  };
  const at = ({ port }: Upstream) => `${apps}/127.0.0.1:stock:${port}`;
  const change = async (path: string, method: string) => expect((await fetch(path, { method })).status).to.equal(200);
  /** Until both gateways have these endpoints and no others. */
  const have = async (...upstreams: Upstream[]) => {
    const wanted = upstreams.map(({ port }) => `127.0.0.1:${port}`).toSorted();
    for (const gateway of gateways)
      await eventually(
        async () => {
          const text = await (await fetch(`${gateway.admin}/metrics`)).text();
          return [...text.matchAll(/^gateway_endpoint_health\{.*gateway_endpoint_address="([^"]+)"/gm)].map(([, id]) => id).toSorted();
        },
        (now) => String(now) === String(wanted),
      );
  };

  it('when an instance registers, is taken out of service, comes back, or is cancelled; what is under way finishes', async () => {
    const held: ServerResponse[] = [];
    const slow = await servers.upstream((req, res) => {
      if (req.url !== '/long') return void res.end('slow');
      res.writeHead(200, { 'content-length': 6 }).write('one');
      held.push(res);
    });
    const other = await servers.upstream((_, res) => void res.end('other'));
    const calls = async (expected: string) => {
      for (const gateway of gateways)
        for (let asked = 0; asked < 5; asked += 1) expect(await ask(gateway.port)).to.include({ status: 200, body: expected });
    };
    const long = async (count: number) => {
      const answers = gateways.map((gateway) => ask(gateway.port, '/long'));
      await eventually(
        () => held.length,
        (now) => now === count,
      );
      return answers;
    };

    await register(slow);
    await have(slow);
    await calls('slow');

    const drained = await long(2);
    await register(other);
    await have(slow, other);
    await change(`${at(slow)}/status?value=OUT_OF_SERVICE`, 'PUT');
    await have(other);
    await calls('other');

    await change(`${at(slow)}/status?value=UP`, 'DELETE');
    await have(slow, other);
    await change(at(other), 'DELETE');
    await have(slow);
    await calls('slow');

    const finished = await long(4);
    await register(other);
    await change(at(slow), 'DELETE');
    await have(other);
    await calls('other');

    for (const res of held) res.end('two');
    for (const answer of [...drained, ...finished]) expect(await answer).to.include({ status: 200, body: 'onetwo' });
    await eventually(() => slow.connections.every((socket) => socket.destroyed), Boolean);
  });

  it('and so does what an instance says of itself, by which it is called from then on', async () => {
    const [heavy, light] = [await servers.upstream(), await servers.upstream()];
    const all = await fetch(apps, { headers: { accept: 'application/json' } });
    const { application } = (await all.json()) as { application: { instance: { instanceId: string }[] } };
    for (const { instanceId } of application.instance) await change(`${apps}/${instanceId}`, 'DELETE');
    await register(heavy);
    await register(light);
    await have(heavy, light);
    // One call in a thousand and one goes to the other.
    await change(`${at(heavy)}/metadata?weight=1000`, 'PUT');
    for (const gateway of gateways)
      await eventually(
        async () => {
          const before = light.requests.length;
          for (let asked = 0; asked < 20; asked += 1) expect((await ask(gateway.port)).status).to.equal(200);
          return light.requests.length - before;
        },
        (count) => count === 0,
      );
  });
});
