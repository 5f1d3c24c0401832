/** The real npm client publishes to and installs from Verdaccio through the public gateway, with an access token and only so. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { openBench } from './support/bench.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { type Issuer, startIssuer } from './support/issuer.ts';
import { MiB, peakMemory, resetPeakMemory, residentMemory } from './support/memory.ts';
import { until } from './support/until.ts';
import { makePackage, npmFor, startVerdaccio, type Verdaccio } from './support/verdaccio.ts';

describe('npm and Verdaccio through the public gateway', () => {
  const bench = openBench();
  let verdaccio: Verdaccio;
  let issuer: Issuer;
  let gateway: Gateway;
  let token: string;

  before(async () => {
    [verdaccio, issuer] = await Promise.all([startVerdaccio(bench), startIssuer(bench)]);
    token = await issuer.token('ada', { scope: 'packages' });
    const file = await bench.file(
      'postern.yaml',
      `
services:
  packages:
    endpoints: ['${verdaccio.url}']
    timeouts: { attempt: 60s, request: 120s, idle: 60s }
routes:
  - name: packages
    match: { pathPrefix: / }
    service: packages
    expose: { public: { scopes: [packages] } }
public:
  listen: { host: 127.0.0.1, port: 0 }
  jwt: ${JSON.stringify(issuer.jwt)}
  rateLimit: 100000/s
  limits: { body: 300MiB, requestTimeout: 120s }
  admin: { host: 127.0.0.1, port: 0 }
`,
    );
    gateway = await startGateway(bench, 'public-gateway', file);
  });
  after(() => bench.clear());

  /** Runs `act` and says how far the gateway's memory rose above where it began. */
  async function growth(what: string, act: () => Promise<void>): Promise<number> {
    resetPeakMemory(gateway.pid);
    const start = residentMemory(gateway.pid);
    await act();
    const peak = peakMemory(gateway.pid);
    console.log(`      ${what}: gateway at ${Math.round(start / MiB)} MiB before, ${Math.round(peak / MiB)} MiB at its peak`);
    return peak - start;
  }

  it('publishes a package', async () => {
    const npm = await npmFor(bench, gateway.url, token);
    const { code, output } = await npm(await makePackage(bench, 'hello'), 'publish');
    expect(code, output).to.equal(0);
    expect(verdaccio.requests()).to.include('PUT /hello');
  });

  it('installs it, tarball and all', async () => {
    const npm = await npmFor(bench, gateway.url, token);
    const directory = await bench.directory();
    const { code, output } = await npm(directory, 'install', 'hello');
    expect(code, output).to.equal(0);
    expect(await readFile(join(directory, 'node_modules/hello/index.js'), 'utf8')).to.contain('hello from hello');
    expect(verdaccio.requests()).to.include('GET /hello/-/hello-1.0.0.tgz');
  });

  it('has Verdaccio name the gateway, not itself, in the addresses of tarballs', async () => {
    const response = await fetch(`${gateway.url}/hello`, { headers: { authorization: `Bearer ${token}` } });
    const tarball = `${gateway.url}/hello/-/hello-1.0.0.tgz`;
    expect(await response.json()).to.have.nested.property('versions.1\\.0\\.0.dist.tarball', tarball);
  });

  it('refuses a scoped name, which npm writes with an encoded slash, and Verdaccio hears nothing of it', async () => {
    const before = verdaccio.requests().length;
    const npm = await npmFor(bench, gateway.url, token);
    const { code, output } = await npm(await bench.directory(), 'install', '@interop/hello');
    expect(code).not.to.equal(0);
    expect(output).to.contain('E400');
    expect(verdaccio.requests()).to.have.length(before);
  });

  for (const [what, claims] of [
    ['without a token', undefined],
    ['with a token that lacks the scope', { scope: 'other' }],
  ] as const) {
    it(`refuses an install ${what}, and Verdaccio hears nothing of it`, async () => {
      const before = verdaccio.requests().length;
      const npm = await npmFor(bench, gateway.url, claims && (await issuer.token('eve', claims)));
      const { code, output } = await npm(await bench.directory(), 'install', 'hello');
      expect(code).not.to.equal(0);
      expect(output).to.contain(claims === undefined ? 'E401' : 'E403');
      expect(verdaccio.requests()).to.have.length(before);
    });
  }

  it('lets a large publish through as it comes', async () => {
    const npm = await npmFor(bench, gateway.url, token);
    const directory = await makePackage(bench, 'heavy', 40 * MiB);
    const rise = await growth('40 MiB published', async () => {
      const { code, output } = await npm(directory, 'publish');
      expect(code, output).to.equal(0);
    });
    expect(rise).to.be.below(100 * MiB);
  });

  describe('with a tarball of 200 MiB', () => {
    let digest: string;
    before(async () => {
      const npm = await npmFor(bench, gateway.url, token);
      await npm(await makePackage(bench, 'huge'), 'publish');
      digest = await verdaccio.grow('huge', await makePackage(bench, 'huge', 200 * MiB));
    });

    it('installs it in flat memory', async () => {
      const npm = await npmFor(bench, gateway.url, token);
      const directory = await bench.directory();
      const rise = await growth('200 MiB installed', async () => {
        const { code, output } = await npm(directory, 'install', 'huge');
        expect(code, output).to.equal(0);
      });
      expect(rise).to.be.below(100 * MiB);
    });

    it('holds it back for a client that stops reading, then hands over every byte', async () => {
      const request = get(`${gateway.url}/huge/-/huge-1.0.0.tgz`, { headers: { authorization: `Bearer ${token}` } });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      expect(response.statusCode).to.equal(200);
      const hash = createHash('sha512');
      const rise = await growth('200 MiB to a client that stalls', async () => {
        await steady(gateway.pid);
        for await (const chunk of response) hash.update(chunk as Buffer);
      });
      expect(hash.digest('base64')).to.equal(digest);
      expect(rise).to.be.below(100 * MiB);
    });
  });
});

/** Waits until the memory of a process has not moved for forty looks at it. */
async function steady(pid: number): Promise<void> {
  let last = residentMemory(pid);
  let calm = 0;
  await until('steady memory', () => {
    const now = residentMemory(pid);
    calm = Math.abs(now - last) < MiB ? calm + 1 : 0;
    last = now;
    return calm >= 40;
  });
}
