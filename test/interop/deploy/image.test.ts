/** The Dockerfile: its very steps, done in a Debian of debootstrap's, and both gateways run as it says. */
import { join } from 'node:path';
import { expect } from 'chai';
import { openBench } from '../support/bench.ts';
import { until } from '../support/until.ts';
import { manifestOf, renderChart } from './chart.ts';
import { type Composition, startComposition } from './composition.ts';
import { type Container, startContainer } from './container.ts';
import { buildImage, type Image } from './image.ts';
import { type Switch, startSwitch } from './switch.ts';

const MIB = 1024 * 1024;

describe('the image', () => {
  const bench = openBench();
  let image: Image;
  let config: string;

  before(async function () {
    this.timeout(300_000);
    image = await buildImage(bench, join(import.meta.dirname, '../../../deploy/Dockerfile'));
    config = await bench.file(
      'postern.yaml',
      `services: { slow: { endpoints: ["http://127.0.0.1:9"] } }
routes: [{ name: slow, match: { path: /slow }, service: slow, expose: { public: { access: anonymous }, private: { callers: [me] } } }]
public: { drain: { grace: 1s }, admin: { host: 0.0.0.0 } }
private: { callers: { me: { from: [127.0.0.1] } }, drain: { grace: 1s }, admin: { host: 0.0.0.0 } }
registry: { embedded: {}, lastKnown: /var/lib/postern }
`,
    );
  });
  after(() => bench.clear());

  it('is small beside its base', () => {
    expect(image.added)
      .to.be.lessThan(260 * MIB)
      .and.greaterThan(100 * MIB);
  });

  it('has nobody as its user, by number', () => {
    expect(image.user).to.match(/^[1-9]\d+:[1-9]\d+$/);
  });

  for (const [name, port, words] of [
    ['public', 8080, undefined],
    ['private', 8081, ['private-gateway/main.ts', 'start', '-c', '/etc/postern/postern.yaml']],
  ] as const) {
    describe(`as the ${name} gateway, in a root that cannot be written to`, () => {
      let container: Container;
      const has = (event: string) => container.program.lines.some((line) => line.includes(`"event":"${event}"`));

      before(async () => {
        container = await startContainer(bench, image, {
          ...(words ? { command: words } : {}),
          mounts: { '/etc/postern/postern.yaml': config },
        });
        await until(`the ${name} gateway to listen`, () => {
          if (container.program.exitCode() !== undefined) throw new Error(container.program.lines.join('\n'));
          return has('listening');
        });
      });

      it('answers', async () => {
        const { output } = await container.beside(['curl', '-s', `http://127.0.0.1:${port}/slow`]);
        expect(JSON.parse(output)).to.include({ status: 502 });
      });

      it('is healthy by its HEALTHCHECK, and leaves nothing of it behind', async () => {
        for (const _ of [1, 2]) expect(await container.exec(image.healthcheck)).to.deep.equal({ code: 0, output: '' });
        const { output } = await container.exec(['sh', '-c', 'grep -l "^State:.Z" /proc/[0-9]*/status; cat /proc/1/comm']);
        expect(output).to.match(/^\S*(node|MainThread)$/);
      });

      it('may write nothing but its state', async () => {
        const { output } = await container.exec([
          'sh',
          '-c',
          'for to in /app /etc/postern /tmp; do touch $to/x || true; done; touch /var/lib/postern/x && id -u',
        ]);
        expect(output.match(/Read-only file system/g)).to.have.length(3);
        expect(output).to.match(/^10001$/m);
      });

      it('has no rights beyond those of its user', async () => {
        const { output } = await container.exec(['grep', '-E', '^(CapEff|CapBnd|NoNewPrivs)', '/proc/1/status']);
        expect(output.replace(/\s+/g, ' ')).to.equal('CapEff: 0000000000000000 CapBnd: 0000000000000000 NoNewPrivs: 1');
      });

      it('drains at its STOPSIGNAL, as the first process of its namespace', async () => {
        process.kill(container.pid(), image.stopSignal as NodeJS.Signals);
        await until('the drain', () => has('draining'));
        expect((await container.exec(image.healthcheck)).code).to.equal(0);
        expect(await until('its end', () => container.program.exitCode())).to.equal(0);
      });
    });
  }

  describe('as the composition', () => {
    const composed = openBench();
    let composition: Composition;
    let edge: string;
    after(() => composed.clear());

    before(async function () {
      this.timeout(60_000);
      composition = await startComposition(composed, join(import.meta.dirname, '../../../deploy/compose/compose.yaml'), image);
      edge = `http://${composition.addressOf('public')}:8080`;
      for (const [name, containers] of Object.entries(composition.containers)) {
        const port = { public: 9080, private: 9081 }[name];
        const url = `http://${composition.addressOf(name)}:${port ?? 8000}/${port === undefined ? 'stock' : 'readyz'}`;
        await until(`${name} to answer`, () => {
          for (const { program } of containers)
            if (program.exitCode() !== undefined) throw new Error(`${name}: ${program.lines.join('\n')}`);
          return composition.ask(['curl', '-s', '-o', '/dev/null', url]).then(
            () => true,
            () => false,
          );
        });
      }
    });

    const statusOf = (...words: string[]) => composition.ask(['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', ...words]);

    it('answers anybody, from both of its stocks, which it found by DNS', async () => {
      const seen = new Set<string>();
      await until('both', async () => {
        const { instance, left } = JSON.parse(await composition.ask(['curl', '-s', `${edge}/catalogue/lamp`]));
        expect(left).to.equal(12);
        return seen.add(instance).size === composition.containers['stock']?.length;
      });
      expect(seen.size).to.equal(2);
    });

    it('lets a user of its issuer order, for which orders asks stock through the private gateway', async () => {
      const token = await composition.ask(['curl', '-s', `http://${composition.addressOf('issuer')}:8000/token?sub=ada`]);
      expect(await statusOf(`${edge}/orders`)).to.equal('401');
      const order = ['-H', `Authorization: Bearer ${token}`, '-d', '{"item":"desk"}', `${edge}/orders`];
      expect(await statusOf(...order)).to.equal('201');
    });

    it('lets nobody but orders use the private gateway', async () => {
      expect(await statusOf(`http://${composition.addressOf('private')}:8081/stock/lamp`)).to.equal('403');
    });
  });

  describe('as the pods of a chart with an embedded registry', () => {
    const cluster = openBench();
    const pods = { 'postern-private-0': '172.28.1.10', 'postern-private-1': '172.28.1.11', 'postern-public-x': '172.28.1.20' };
    const [first, second, edge] = Object.values(pods) as [string, string, string];
    const user = '172.28.1.30';
    let network: Switch;
    after(() => cluster.clear());

    before(async function () {
      this.timeout(60_000);
      const manifests = await renderChart(cluster, {
        config: {
          services: { users: { registry: 'eureka' } },
          routes: [{ name: 'users', match: { path: '/users' }, service: 'users', expose: { public: { access: 'anonymous' } } }],
          private: { callers: { pods: { from: ['172.28.1.0/24'] } } },
          registry: { embedded: { waitWhenEmpty: '1s' } },
        },
      });
      const config = manifestOf(manifests, 'ConfigMap', 'postern').data?.['postern.yaml'] ?? '';
      const mounts = { '/etc/postern/postern.yaml': await cluster.file('postern.yaml', config) };
      const named = Object.entries(pods).map(([name, address]) => [`${name}.postern-private-peers.gateways.svc`, [address]] as const);
      network = await startSwitch(cluster, image, new Map(named));
      for (const [name, address] of Object.entries(pods)) {
        const which = name.includes('private') ? 'private' : 'public';
        await network.join(address, { command: [`${which}-gateway/main.ts`, 'start', '-c', '/etc/postern/postern.yaml'], mounts });
      }
    });

    const get = (url: string) => network.ask(['curl', '-sf', '-H', 'Accept: application/json', url]).catch(() => undefined);

    it('each is ready', async () => {
      for (const [name, address] of Object.entries(pods)) {
        await until(`${name} to be ready`, () => get(`http://${address}:${name.includes('private') ? 9081 : 9080}/readyz`));
      }
    });

    it('what registers with one is known by the other, and called by the public gateway', async () => {
      const instance = {
        instanceId: 'user:1',
        app: 'USERS',
        vipAddress: 'users',
        hostName: user,
        ipAddr: user,
        status: 'UP',
        port: { $: 8000, '@enabled': 'true' },
        dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
      };
      const registration = ['-H', 'Content-Type: application/json', '-d', JSON.stringify({ instance })];
      await network.ask(['curl', '-sf', ...registration, `http://${first}:8761/eureka/apps/USERS`]);
      await until('the other registry', async () => (await get(`http://${second}:8761/eureka/apps/USERS`))?.includes('user:1'));
      await until('the public gateway', async () => (await get(`http://${edge}:9080/metrics`))?.includes(`address="${user}:8000"`));
    });
  });
});
