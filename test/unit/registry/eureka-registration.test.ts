import { expect } from 'chai';
import { ONE, type RegisteringGateway, type RegistryServer, startRegisteringGateway } from './registering-gateway.ts';

describe('a registration with Eureka', () => {
  let gateway: RegisteringGateway;
  let first: RegistryServer;
  let second: RegistryServer;

  beforeEach(async () => {
    gateway = await startRegisteringGateway();
    [first, second] = gateway.servers;
  });
  afterEach(() => gateway.close());

  for (const [random, pause] of [
    [0, 27_000],
    [0.5, 30_000],
    [1, 33_000],
  ] as const)
    it(`is renewed after half a minute, a tenth more or less: ${pause} ms`, async () => {
      const at = gateway.clock.epoch();
      gateway.begin({ random });
      await gateway.heard(first, 1);
      expect(first.told[0]).to.deep.include({ line: 'POST /eureka/apps/EDGE' });
      expect(first.told[0]?.instance).to.include({ app: 'EDGE', status: 'UP', lastDirtyTimestamp: String(at) });
      gateway.pass(pause - 1);
      await gateway.quiet();
      expect(first.told).to.have.length(1);
      gateway.pass(1);
      await gateway.heard(first, 2);
      expect(gateway.lines(first)[1]).to.equal(`PUT ${ONE}?status=UP&lastDirtyTimestamp=${at}`);
      gateway.pass(pause);
      await gateway.heard(first, 3);
      expect([second.told, gateway.events()]).to.deep.equal([[], ['registered']]);
    });

  it('says STARTING until the gateway is ready, which is looked at every second', async () => {
    let ready = false;
    gateway.begin({ isReady: () => ready });
    await gateway.heard(first, 1);
    gateway.pass(1_000);
    await gateway.heard(first, 2);
    ready = true;
    gateway.pass(1_000);
    await gateway.heard(first, 3);
    expect(first.told.map(({ line, instance }) => `${line.split(' ')[0]} ${instance?.['status']}`)).to.deep.equal([
      'POST STARTING',
      'PUT undefined',
      'POST UP',
    ]);
    expect(Number(first.told[2]?.instance?.['lastDirtyTimestamp'])).to.be.greaterThan(
      Number(first.told[0]?.instance?.['lastDirtyTimestamp']),
    );
  });

  it('is later than the one before it though the clock is put back: of two the later one is true', async () => {
    let ready = false;
    gateway.begin({ isReady: () => ready });
    await gateway.heard(first, 1);
    ready = true;
    gateway.clock.advance(-3_600_000);
    gateway.pass(1_000);
    await gateway.heard(first, 2);
    const [starting, up] = first.told.map(({ instance }) => Number(instance?.['lastDirtyTimestamp']));
    expect(first.told[1]?.instance?.['status']).to.equal('UP');
    expect(up).to.equal(Number(starting) + 1);
  });

  it('is made again at once where the registry does not know it any more', async () => {
    gateway.begin();
    await gateway.heard(first, 1);
    first.status = 404;
    gateway.pass(30_000);
    await gateway.until(() => first.told.length === 2);
    first.status = 204;
    await gateway.heard(first, 3);
    expect(gateway.lines(first).map((line) => line.split(' ')[0])).to.deep.equal(['POST', 'PUT', 'POST']);
    expect(gateway.events()).to.deep.equal(['registered', 'registered']);
  });

  it('goes to the next server when one fails, and stays there', async () => {
    first.status = 503;
    gateway.begin();
    await gateway.heard(second, 1);
    first.status = 200;
    gateway.pass(30_000);
    await gateway.heard(second, 2);
    expect(gateway.lines(first)).to.deep.equal(['POST /eureka/apps/EDGE']);
    expect(gateway.lines(second).map((line) => line.split(' ')[0])).to.deep.equal(['POST', 'PUT']);
    expect(gateway.events()).to.deep.equal(['registered']);
  });

  it('is tried again later and later while all fail, which is told once', async () => {
    for (const server of gateway.servers) server.status = 503;
    gateway.begin();
    let asked = 1;
    for (const pause of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      await gateway.heard(second, asked);
      gateway.pass(pause - 1);
      await gateway.quiet();
      expect(second.told, `before ${pause}`).to.have.length(asked);
      gateway.pass(1);
      asked += 1;
    }
    await gateway.heard(second, asked);
    for (const server of gateway.servers) server.status = 204;
    gateway.pass(30_000);
    await gateway.until(() => gateway.events().includes('registered'));
    expect(gateway.events()).to.deep.equal(['registration-failing', 'registered']);
    expect(gateway.logged[0]?.['why']).to.equal(`${second.url}/apps/EDGE answered 503: because`);
    first.status = second.status = 500;
    gateway.pass(30_000);
    await gateway.until(() => gateway.events().length === 3);
    first.status = second.status = 200;
    gateway.pass(1_000);
    await gateway.until(() => gateway.events().length === 4);
    expect(gateway.events().slice(2)).to.deep.equal(['registration-failing', 'registration-answers']);
  });

  it('waits for its own address to be known', async () => {
    let known = false;
    gateway.begin({
      describe: async () => {
        if (!known) throw new Error('no way there');
        return { app: 'EDGE', instanceId: 'host:edge:80' };
      },
    });
    await gateway.until(() => gateway.logged.length > 0);
    await gateway.quiet();
    known = true;
    gateway.pass(1_000);
    await gateway.heard(first, 1);
    expect(gateway.logged.map(({ event, why }) => [event, why])).to.deep.equal([
      ['registration-failing', 'no way there'],
      ['registered', undefined],
    ]);
  });
});
