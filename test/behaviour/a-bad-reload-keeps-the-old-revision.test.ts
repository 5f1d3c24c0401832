import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { open, type TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('a configuration that cannot be used', () => {
  const servers = serversOfThisSuite();
  const having = async (): Promise<{ gateway: TestGateway; url: string }> => {
    const { url } = await servers.upstream();
    return { gateway: await servers.public(open(url)), url };
  };
  const kept = (gateway: TestGateway) => gateway.logged().filter(({ event }) => event === 'configuration-kept');
  const metrics = async (gateway: TestGateway) => await (await fetch(`${gateway.admin}/metrics`)).text();

  it('changes nothing, and log, metrics and health say so until one comes that can', async () => {
    const { gateway, url } = await having();
    const { revision } = gateway.reloading.loaded;
    gateway.rewrite(open(url, { service: { timeout: '5s' } }));
    const result = await gateway.reloading.reload('signal');
    const { ok, cause, findings } = gateway.reloading.status;
    expect([ok, cause, findings.length]).to.deep.equal([false, 'signal', 1]);
    expect(result.ok ? [] : result.findings.map(({ message }) => message)).to.deep.equal(['unknown key']);
    expect((await ask(gateway.port, '/')).status).to.equal(200);
    expect(gateway.reloading.loaded.revision).to.equal(revision);
    await eventually(
      () => JSON.stringify(kept(gateway)),
      (lines) => /postern\.yaml:\d+:\d+ services\.upstream\.timeout unknown key \(did you mean timeouts\?\)/.test(lines),
    );
    const ready = await fetch(`${gateway.admin}/readyz?verbose`);
    expect(ready.status).to.equal(200);
    expect(await ready.text()).to.match(/^\[\+\]configuration ok \([0-9a-f]{12}; what came at .+ is not used: .+ unknown key/m);
    expect(await metrics(gateway)).to.match(/^gateway_config_last_reload_successful 0$/m);

    gateway.rewrite(open(url, { service: { timeouts: { attempt: '5s' } } }));
    expect(await gateway.reloading.reload('signal')).to.include({ ok: true, changed: true });
    const told = await metrics(gateway);
    expect(told).to.match(/^gateway_config_last_reload_successful 1$/m);
    expect(told).to.contain(`gateway_config_info{revision="${gateway.reloading.loaded.revision}"} 1`);
    expect(told).to.match(/^gateway_config_last_reload_success_timestamp_seconds \d+/m);
    expect(told).to.match(/^gateway_config_reloads_total\{result="changed"\} 1$/m);
    expect(told).to.match(/^gateway_config_reloads_total\{result="failed"\} [12]$/m);
  });

  it('may be one that is gone, is half there, or is what no file is', async () => {
    const { gateway, url } = await having();
    const away = `${gateway.file}~`;
    renameSync(gateway.file, away);
    expect(await gateway.reloading.reload('signal')).to.have.property('ok', false);
    writeFileSync(gateway.file, 'services:\n  upstream:\n    endpoints: [');
    expect(await gateway.reloading.reload('signal')).to.have.property('ok', false);
    writeFileSync(gateway.file, Buffer.from([0xff, 0xfe, 0x00]));
    expect(await gateway.reloading.reload('signal')).to.have.property('ok', false);
    rmSync(gateway.file);
    // To read it would hold up everything until somebody writes.
    execFileSync('mkfifo', [gateway.file]);
    expect(await gateway.reloading.reload('signal')).to.have.property('ok', false);
    expect((await ask(gateway.port, '/')).status).to.equal(200);
    rmSync(gateway.file);
    renameSync(away, gateway.file);
    expect(await gateway.reloading.reload('signal')).to.include({ ok: true, changed: false });
    expect(gateway.reloading.status.ok).to.equal(true);
    gateway.rewrite(open(url, { service: { balancer: 'random' } }));
    await eventually(
      () => gateway.reloading.loaded.config.services['upstream']?.balancer,
      (balancer) => balancer === 'random',
    );
  });

  it('what only a restart takes up is named, and forgotten when it is taken back', async () => {
    const { gateway, url } = await having();
    const elsewhere = { telemetry: { otlp: 'http://127.0.0.1:4318' }, public: { listen: { port: 1 }, cache: { memory: '1MiB' } } };
    gateway.rewrite(open(url, elsewhere));
    const needsRestart = ['public.listen', 'public.cache', 'telemetry.otlp'];
    expect(await gateway.reloading.reload('api')).to.deep.include({ ok: true, needsRestart });
    expect(gateway.reloading.status.needsRestart).to.deep.equal(needsRestart);
    expect((await ask(gateway.port, '/')).status).to.equal(200);
    const ready = async () => (await fetch(`${gateway.admin}/readyz?verbose`)).text();
    expect(await ready()).to.contain('a restart is needed for public.listen, public.cache, telemetry.otlp)');
    await eventually(
      () => gateway.logged().filter(({ event }) => event === 'restart-needed'),
      ([line]) => JSON.stringify(line?.['keys']) === JSON.stringify(needsRestart),
    );
    gateway.rewrite(open(url));
    expect(await gateway.reloading.reload('api')).to.deep.include({ ok: true, needsRestart: [] });
  });

  it('is refused while the gateway drains', async () => {
    const { gateway, url } = await having();
    const drained = gateway.drain();
    gateway.rewrite(open(url, { service: { balancer: 'random' } }));
    expect(await gateway.reloading.reload('signal')).to.have.property('ok', false);
    await drained;
  });
});
