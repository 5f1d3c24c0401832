import { expect } from 'chai';
import { type Given, open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { atRest, holding, placesOf } from './support/holding.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('a service with as many requests as it can take', () => {
  const servers = serversOfThisSuite();
  const beside = (full: string, healthy: string, service: object = {}): Given => {
    const given = open(healthy);
    return {
      ...given,
      services: { ...given.services, full: { endpoints: [full], ...service } },
      routes: [{ ...given.routes?.[0], name: 'full', match: { pathPrefix: '/full' }, service: 'full' }, ...(given.routes ?? [])],
    };
  };

  it('gets no more, and the client is told so at once', async () => {
    const service = await holding(servers);
    const gateway = await servers.public(open(service.url, { service: { concurrency: { limit: 2 } } }));
    const served = [ask(gateway.port, '/1'), ask(gateway.port, '/2')];
    await service.holds(2);

    const refused = await ask(gateway.port, '/3');
    expect([refused.status, refused.json()['code'], refused.header('retry-after')]).to.deep.equal([503, 'concurrency-limited', '1']);
    expect(refused.json()['type']).to.equal('https://iana.org/assignments/http-problem-types#temporary-reduced-capacity');
    expect(refused.header('proxy-status')).to.match(/^public-gateway; ?error=connection_limit_reached/);
    expect(await placesOf(gateway)).to.deep.equal({ limit: 2, inFlight: 2, rejected: { normal: 1 } });

    service.answer();
    service.answer();
    expect((await Promise.all(served)).map(({ status }) => status)).to.deep.equal([200, 200]);
    await atRest(gateway);
    const next = ask(gateway.port, '/4');
    await service.holds(1);
    service.answer();
    expect((await next).status).to.equal(200);
  });

  it('takes nothing from another: it answers while 200 requests hang', async () => {
    const [hanging, healthy] = [await holding(servers), await servers.upstream()];
    const gateway = await servers.public(beside(hanging.url, healthy.url));
    const leaving = new AbortController();
    const hung = Array.from({ length: 210 }, () =>
      fetch(`${gateway.url}/full`, { signal: leaving.signal }).then(
        ({ status }) => status,
        (error: Error) => error.name,
      ),
    );
    await hanging.holds(200);
    for (let asked = 0; asked < 20; asked += 1) expect((await ask(gateway.port)).status).to.equal(200);
    expect(await placesOf(gateway, 'full')).to.deep.equal({ limit: 200, inFlight: 200, rejected: { normal: 10 } });
    expect((await placesOf(gateway)).inFlight).to.equal(0);

    leaving.abort();
    const ends = await Promise.all(hung);
    expect([ends.filter((end) => end === 503).length, ends.filter((end) => end === 'AbortError').length]).to.deep.equal([10, 200]);
    await atRest(gateway, 'full');
  });

  it('holds the private gateway no more than the public one', async () => {
    const [hanging, healthy] = [await holding(servers), await servers.upstream()];
    const gateway = await servers.private(beside(hanging.url, healthy.url, { concurrency: { limit: 1 } }));
    const first = ask(gateway.port, '/full');
    await hanging.holds(1);
    const refused = await ask(gateway.port, '/full');
    expect([refused.status, refused.json()['code']]).to.deep.equal([503, 'concurrency-limited']);
    expect(refused.header('proxy-status')).to.match(/^private-gateway; ?error=connection_limit_reached/);
    expect((await ask(gateway.port)).status).to.equal(200);
    hanging.answer();
    expect((await first).status).to.equal(200);
  });

  it('is not turned off by its breaker for that, however many are refused', async () => {
    const service = await holding(servers);
    const gateway = await servers.public(
      open(service.url, { service: { concurrency: { limit: 1 }, circuitBreaker: { requestVolume: 10 } } }),
    );
    const first = ask(gateway.port);
    await service.holds(1);
    for (let asked = 0; asked < 20; asked += 1) expect((await ask(gateway.port)).json()['code']).to.equal('concurrency-limited');
    expect((await scrape(gateway.admin)).named('gateway_circuit_breaker_state')[0]?.value).to.equal(0);
    service.answer();
    expect((await first).status).to.equal(200);
    expect((await atRest(gateway)).rejected).to.deep.equal({ normal: 20 });
  });

  it('may find its limit by itself: it begins with the lowest', async () => {
    const service = await holding(servers);
    const gateway = await servers.public(open(service.url, { service: { concurrency: { adaptive: true, min: 3, max: 50 } } }));
    expect((await placesOf(gateway)).limit).to.equal(3);
    const served = Array.from({ length: 3 }, () => ask(gateway.port));
    await service.holds(3);
    expect((await ask(gateway.port)).json()['code']).to.equal('concurrency-limited');
    for (const _ of served) service.answer();
    await Promise.all(served);

    const byDefault = await servers.public(open(service.url, { service: { concurrency: { adaptive: true } } }));
    expect((await placesOf(byDefault)).limit).to.equal(20);
  });

  it('and then grows as long as the service keeps up with it', async () => {
    const service = await servers.upstream((_, res) => void setImmediate(() => res.end()));
    const gateway = await servers.public(open(service.url, { service: { concurrency: { adaptive: true, min: 3, max: 50 } } }));
    const leaving = new AbortController();
    const busy = Array.from({ length: 6 }, async () => {
      while (!leaving.signal.aborted) await (await fetch(gateway.url)).text();
    });
    await eventually(
      async () => (await placesOf(gateway)).limit ?? 0,
      (limit) => limit > 3,
    );
    leaving.abort();
    await Promise.all(busy);
    await atRest(gateway);
  });
});
