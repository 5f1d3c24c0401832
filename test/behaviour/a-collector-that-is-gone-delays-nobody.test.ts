import { expect } from 'chai';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('A collector that takes everything and answers nothing', () => {
  const servers = serversOfThisSuite();

  it('delays no request, and the end of the gateway only for a moment', async () => {
    const collector = await servers.rawUpstream(() => {});
    const { url } = await servers.upstream();
    const gateway = await servers.public(open(url, { telemetry: { otlp: collector.url } }));
    for (let number = 0; number < 50; number += 1) expect((await ask(gateway.port)).status).to.equal(200);
    const since = performance.now();
    await gateway.drain();
    expect(performance.now() - since).to.be.below(6_000);
    expect(gateway.logged().at(-1)).to.include({ event: 'telemetry-unsent', level: 'warn' });
    expect(collector.connections.length).to.be.above(0);
  });
});
