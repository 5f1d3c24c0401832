import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { SignJWT } from 'jose';
import { contractFiles } from '../support/contract-files.ts';
import { startDnsServer } from '../support/dns-server.ts';
import { type Given, open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { run } from './support/process.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('what a configuration names', () => {
  const servers = serversOfThisSuite();
  const files = contractFiles();
  const contract = (path: string) => ({
    openapi: '3.1.0',
    info: { title: 'a', version: '1' },
    paths: { [path]: { get: { responses: { 200: { $ref: './answers.json#/ok' } } } } },
  });

  it('is watched: a contract, with the files it refers to, or one that is not there yet', async () => {
    files.write('answers.json', { ok: { description: 'fine' } });
    const openapi = files.write('a.json', contract('/one'));
    const { url } = await servers.upstream();
    const given = (name: string) => open(url, { service: { openapi: name }, route: { validate: { request: 'enforce' } } });
    const gateway = await servers.public(given(openapi));
    const status = async (path: string) => (await ask(gateway.port, path)).status;
    const becomes = (path: string, right: number) =>
      eventually(
        () => status(path),
        (code) => code === right,
      );
    expect([await status('/one'), await status('/two')]).to.deep.equal([200, 404]);
    const { revision } = gateway.reloading.loaded;
    files.write('a.json', contract('/two'));
    await becomes('/two', 200);
    expect(await status('/one')).to.equal(404);
    expect(gateway.reloading.status.changes[0]).to.deep.include({ revision, from: revision, summary: ['contracts'] });

    files.write('answers.json', '{ "ok": ');
    await eventually(
      () => gateway.reloading.status.ok,
      (ok) => !ok,
    );
    expect(await status('/two')).to.equal(200);
    files.write('answers.json', { ok: { description: 'fine again' } });
    await eventually(
      () => gateway.reloading.status.ok,
      (ok) => ok,
    );

    gateway.rewrite(given(join(files.directory, 'b.json')));
    await eventually(
      () => gateway.reloading.status.ok,
      (ok) => !ok,
    );
    files.write('b.json', contract('/three'));
    await becomes('/three', 200);
  });

  it('is watched: the key of tokens', async () => {
    const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const [one, other] = [pair(), pair()];
    const write = ({ publicKey }: typeof one) => files.write('issuer.pem', String(publicKey.export({ type: 'spki', format: 'pem' })));
    const jwt = { issuer: 'https://id.example/', audience: 'shop', algorithms: ['ES256'], publicKey: write(one) };
    const token = ({ privateKey }: typeof one) =>
      new SignJWT({ sub: 'ada' })
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuer(jwt.issuer)
        .setAudience(jwt.audience)
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(privateKey);
    const { url } = await servers.upstream();
    const gateway = await servers.public(open(url, { route: { expose: { public: {} } }, public: { jwt } }));
    const statusWith = async (key: typeof one) =>
      (await ask(gateway.port, '/', { headers: { authorization: `Bearer ${await token(key)}` } })).status;
    expect([await statusWith(one), await statusWith(other)]).to.deep.equal([200, 401]);
    write(other);
    await eventually(
      () => statusWith(other),
      (status) => status === 200,
    );
    expect(await statusWith(one)).to.equal(401);
  });

  it('is found behind links that are swapped, as Kubernetes does with a ConfigMap', async () => {
    const { url } = await servers.upstream();
    const gateway = await servers.public(open(url));
    const folder = join(files.directory, 'mounted');
    mkdirSync(folder);
    const swap = (name: string, text: string) => {
      mkdirSync(join(folder, `..${name}`));
      writeFileSync(join(folder, `..${name}`, 'postern.yaml'), text);
      symlinkSync(`..${name}`, join(folder, '..next'));
      renameSync(join(folder, '..next'), join(folder, '..data'));
    };
    const text = readFileSync(gateway.file, 'utf8');
    swap('one', text);
    rmSync(gateway.file);
    symlinkSync(join(folder, '..data', 'postern.yaml'), gateway.file);
    expect(await gateway.reloading.reload('signal')).to.include({ ok: true, changed: false });
    swap('two', text.replace('name: open', 'name: other'));
    rmSync(join(folder, '..one'), { recursive: true });
    await eventually(
      () => gateway.reloading.loaded.config.routes[0]?.name,
      (name) => name === 'other',
    );
  });

  it('is read at SIGHUP', async () => {
    const [one, other] = [await servers.upstream((_, res) => res.end('one')), await servers.upstream((_, res) => res.end('other'))];
    const gateway = await run(servers, 'private', open(one.url));
    expect((await ask(gateway.port, '/')).body).to.contain('one');
    gateway.child.kill('SIGHUP');
    await gateway.logs('configuration-unchanged');
    writeFileSync(gateway.file, readFileSync(gateway.file, 'utf8').replace(one.url, other.url));
    gateway.child.kill('SIGHUP');
    await gateway.logs('configuration-reloaded');
    await eventually(
      async () => (await ask(gateway.port, '/')).body,
      (body) => body.includes('other'),
    );
  });
});

describe('services whose endpoints come and go', () => {
  const servers = serversOfThisSuite();
  const having = async () => {
    const dns = await startDnsServer();
    servers.defer(() => dns.close());
    dns.records.set('stock.example', ['127.0.0.1']);
    const upstream = await servers.upstream();
    const given = (service: object, name = 'stock.example'): Given => ({
      ...open(upstream.url, {
        service: { endpoints: undefined, registry: 'dns', name: `${name}:${upstream.port}`, refresh: '1h', ...service },
      }),
      registry: { dns: { servers: [dns.address] }, lastKnown: false },
    });
    return { dns, given };
  };

  it('are not asked for again while that is the same, and are when it is another', async () => {
    const { dns, given } = await having();
    const gateway = await servers.public(given({}));
    const statusOf = async () => (await ask(gateway.port, '/')).status;
    await eventually(statusOf, (status) => status === 200);
    const { asked } = dns;
    for (const balancer of ['random', 'roundRobin', 'peakEwma']) {
      gateway.rewrite(given({ balancer }));
      expect(await gateway.reloading.reload('api')).to.include({ ok: true, changed: true });
      expect(await statusOf()).to.equal(200);
    }
    expect(dns.asked).to.equal(asked);
    dns.records.set('other.example', ['127.0.0.1']);
    gateway.rewrite(given({}, 'other.example'));
    expect(await gateway.reloading.reload('api')).to.include({ ok: true, changed: true });
    expect([await statusOf(), dns.asked > asked]).to.deep.equal([200, true]);
  });

  it('stay where they were until whoever is asked now has answered', async () => {
    const { given } = await having();
    const gateway = await servers.public(given({}));
    const status = async () => (await ask(gateway.port, '/')).status;
    await eventually(status, (code) => code === 200);
    gateway.rewrite(given({}, 'nowhere.example'));
    expect(await gateway.reloading.reload('api')).to.include({ ok: true, changed: true });
    expect(await status()).to.equal(200);
    expect(await (await fetch(`${gateway.admin}/metrics`)).text()).to.contain('gateway_registry_stale{gateway_service_name="upstream"} 1');
  });

  it('are known to be somewhere before requests go to them', async () => {
    const { given } = await having();
    const elsewhere = await servers.upstream();
    const gateway = await servers.public({ ...open(elsewhere.url), registry: given({}).registry ?? {} });
    gateway.rewrite(given({}));
    expect(await gateway.reloading.reload('api')).to.include({ ok: true, changed: true });
    expect((await ask(gateway.port, '/')).status).to.equal(200);
  });
});
