import { expect } from 'chai';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';
import { as, jwt } from './support/tokens.ts';

describe('Neither log nor traces nor metrics have secrets', () => {
  const servers = serversOfThisSuite();
  const secret = 'hunter2';
  let everything: string;

  before(async () => {
    const collector = await servers.collector();
    const upstream = await servers.upstream();
    const given = open(upstream.url, { public: { jwt }, telemetry: { otlp: collector.url } });
    const mine = { name: 'mine', match: { pathPrefix: '/mine' }, service: 'upstream', expose: { public: {} } };
    const down = { name: 'down', match: { pathPrefix: '/down' }, service: 'down', expose: { public: { access: 'anonymous' } } };
    const gateway = await servers.public({
      ...given,
      services: { ...given.services, down: { endpoints: ['http://127.0.0.1:1'] } },
      routes: [...(given.routes ?? []), mine, down],
    });
    const token = await as('ada');
    const headers = { cookie: `session=${secret}`, 'x-api-key': secret };
    for (const path of ['/', '/mine', '/down', `/mine/%zz`]) {
      const target = `${path}?password=${secret}&access_token=${secret}`;
      await ask(gateway.port, target, { headers: { ...headers, ...token } });
      await ask(gateway.port, target, {
        headers: { ...headers, authorization: `Bearer ${secret}` },
        method: 'POST',
        body: `password=${secret}`,
      });
      await ask(gateway.port, target, { headers: { ...headers, authorization: `Basic ${btoa(`ada:${secret}`)}` } });
    }
    const metrics = await (await fetch(`${gateway.admin}/metrics`)).text();
    await gateway.stop();
    everything = JSON.stringify([gateway.logged(), collector.spans, collector.metrics, collector.logs, metrics]);
    expect(collector.logs.length).to.be.at.least(12);
    expect(everything).to.include('/mine');
    expect(everything).to.not.include(token.authorization.slice(-20));
  });

  for (const [what, text] of Object.entries({
    'no password, cookie, key or value of a query': 'hunter2',
    'no name of a query': 'access_token',
    'no scheme with its credentials': 'Basic ',
    'no token': 'Bearer ',
  }))
    it(what, () => expect(everything).to.not.include(text));

  it('and nothing that was encoded to hide it', () => expect(everything).to.not.include(btoa(`ada:${secret}`)));
});
