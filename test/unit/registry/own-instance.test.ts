import { networkInterfaces } from 'node:os';
import { expect } from 'chai';
import { parseConfig } from '../../../core/config/load.ts';
import type { RegisterConfig } from '../../../core/config/schema/index.ts';
import { describeOwnInstance } from '../../../core/registry/own-instance.ts';

/** What the gateway with this section says of itself. */
function describeWith(
  section: Record<string, unknown>,
  { servers = ['http://127.0.0.1:8761/eureka'], url = 'http://127.0.0.1:8081', tls = false } = {},
) {
  const text = JSON.stringify({
    services: {},
    routes: [],
    private: { callers: { all: { from: ['0.0.0.0/0'] } }, register: {}, ...section },
    registry: { eureka: servers },
  });
  const settings = parseConfig(text, { file: 'postern.yaml', environment: {} }).config.private;
  const listen = { ...settings.listen, ...(tls ? { tls: { cert: 'cert.pem', key: 'key.pem' } } : {}) };
  return describeOwnInstance(settings.register as RegisterConfig, {
    settings: { ...settings, listen },
    url,
    adminUrl: 'http://127.0.0.1:9081',
    servers,
  });
}

describe('how a gateway describes itself', () => {
  it('by default, as Eureka writes it, with the address from which it reaches the registry', async () => {
    expect(await describeWith({})).to.deep.equal({
      instanceId: '127.0.0.1:private-gateway:8081',
      app: 'PRIVATE-GATEWAY',
      hostName: '127.0.0.1',
      ipAddr: '127.0.0.1',
      overriddenstatus: 'UNKNOWN',
      port: { $: 8081, '@enabled': 'true' },
      securePort: { $: 443, '@enabled': 'false' },
      vipAddress: 'private-gateway',
      countryId: 1,
      dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
      leaseInfo: { renewalIntervalInSecs: 30, durationInSecs: 90 },
      metadata: { '@class': 'java.util.Collections$EmptyMap' },
      statusPageUrl: 'http://127.0.0.1:9081/readyz?verbose',
      healthCheckUrl: 'http://127.0.0.1:9081/readyz',
    });
  });

  it('as it is told to, in its zone', async () => {
    const said = await describeWith({ register: { name: 'Inside', host: 'gateway.internal', port: 80 }, zone: 'b' });
    expect(said).to.deep.include({
      instanceId: 'gateway.internal:inside:80',
      app: 'INSIDE',
      vipAddress: 'Inside',
      hostName: 'gateway.internal',
      ipAddr: '127.0.0.1',
      port: { $: 80, '@enabled': 'true' },
      metadata: { zone: 'b' },
    });
    // The admin port is on loopback, where nobody else can ask.
    expect(said).to.not.have.any.keys('healthCheckUrl', 'statusPageUrl', 'homePageUrl', 'secureVipAddress');
  });

  it('by the address it listens on, and with the health of an admin port that others can reach', async () => {
    const listening = { listen: { host: '10.0.0.7', port: 8081 } };
    expect(await describeWith({ ...listening, admin: { host: '0.0.0.0', port: 9081 } })).to.include({
      hostName: '10.0.0.7',
      ipAddr: '10.0.0.7',
      healthCheckUrl: 'http://10.0.0.7:9081/readyz',
    });
    expect(await describeWith({ ...listening, admin: { host: 'fd00::7', port: 9081 } })).to.include({
      healthCheckUrl: 'http://[fd00::7]:9081/readyz',
    });
  });

  it('with the secure port where it speaks TLS', async () => {
    expect(await describeWith({ listen: { host: 'fd00::7' } }, { tls: true, url: 'https://127.0.0.1' })).to.deep.include({
      instanceId: 'fd00::7:private-gateway:443',
      port: { $: 80, '@enabled': 'false' },
      securePort: { $: 443, '@enabled': 'true' },
      secureVipAddress: 'private-gateway',
    });
  });

  it('by the way to the first server that can be found, and not at all without one', async () => {
    const unknown = 'http://nowhere.invalid:8761/eureka';
    const own = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .map(({ address }) => address);
    const said = await describeWith({}, { servers: [unknown, `http://${own[0]?.includes(':') ? '127.0.0.1' : own[0]}:8761/eureka`] });
    expect(own).to.include(said['ipAddr']);
    // That one server is on this machine says nothing of who reads the other.
    const far = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
    const mixed = await describeWith({}, { servers: ['http://127.0.0.1:8761/eureka', `http://${far ?? '127.0.0.1'}:8761/eureka`] });
    expect(mixed['ipAddr']).to.equal(far ?? '127.0.0.1');
    const problem = await describeWith({}, { servers: [unknown] }).catch((error: NodeJS.ErrnoException) => error.code);
    expect(['ENOTFOUND', 'EAI_AGAIN']).to.include(problem);
  });
});
