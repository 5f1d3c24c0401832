import { expect } from 'chai';
import { ONE, type RegisteringGateway, type RegistryServer, startRegisteringGateway } from './registering-gateway.ts';

describe('a registration with Eureka ends', () => {
  let gateway: RegisteringGateway;
  let first: RegistryServer;
  let second: RegistryServer;

  beforeEach(async () => {
    gateway = await startRegisteringGateway();
    [first, second] = gateway.servers;
  });
  afterEach(() => gateway.close());

  it('by taking itself out, once, and with no word after it', async () => {
    const ending = gateway.begin();
    await gateway.heard(first, 1);
    await Promise.all([ending.cancel(), ending.cancel()]);
    gateway.pass(300_000);
    await gateway.quiet();
    expect(gateway.lines(first)).to.deep.equal(['POST /eureka/apps/EDGE', `DELETE ${ONE}`]);
    expect(gateway.events()).to.deep.equal(['registered', 'registration-cancelled']);
  });

  it('after what is on its way, which would come back behind it', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    first.held = promise;
    const ending = gateway.begin();
    await gateway.until(() => first.told.length === 1);
    const ended = ending.cancel();
    await gateway.quiet();
    expect(first.told).to.have.length(1);
    resolve();
    await ended;
    expect(gateway.lines(first)).to.deep.equal(['POST /eureka/apps/EDGE', `DELETE ${ONE}`]);
  });

  it('without a word where it never said any', async () => {
    const ending = gateway.begin({ describe: () => Promise.reject(new Error('no way there')) });
    await gateway.until(() => gateway.logged.length > 0);
    await ending.cancel();
    expect([...first.told, ...second.told]).to.deep.equal([]);
  });

  it('in a moment, though the registry does not answer', async () => {
    for (const server of gateway.servers) server.status = undefined;
    const ending = gateway.begin();
    await gateway.heard(first, 1);
    await ending.cancel();
    expect(gateway.logged.map(({ event, why }) => [event, why])).to.deep.equal([
      ['registration-left', 'The operation was aborted due to timeout'],
    ]);
  });

  it('at another server where the one in use does not answer', async () => {
    first.status = undefined;
    const ending = gateway.begin();
    await gateway.heard(first, 1);
    await ending.cancel();
    expect(gateway.lines(second)).to.deep.equal([`DELETE ${ONE}`]);
    expect(gateway.events()).to.deep.equal(['registration-cancelled']);
  });
});
