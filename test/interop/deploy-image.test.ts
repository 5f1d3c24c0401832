/** The Dockerfile: its very steps, done in a Debian of debootstrap's, and both gateways run as it says. */
import { join } from 'node:path';
import { expect } from 'chai';
import { buildImage, type Container, type Image } from './deploy/image.ts';
import { openBench } from './support/bench.ts';
import { until } from './support/until.ts';

const MIB = 1024 * 1024;

describe('the image', () => {
  const bench = openBench();
  let image: Image;
  let config: string;

  before(async function () {
    this.timeout(300_000);
    image = await buildImage(bench, join(import.meta.dirname, '../../deploy/Dockerfile'));
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
        container = image.start(words, { '/etc/postern/postern.yaml': config });
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
});
