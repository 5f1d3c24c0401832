import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ConfigError } from '../../core/config/finding.ts';
import { open, type TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('a configuration that is prepared', () => {
  const servers = serversOfThisSuite();
  const having = async (): Promise<{ gateway: TestGateway; text: string }> => {
    const { url } = await servers.upstream();
    const gateway = await servers.public(open(url, { service: { concurrency: { limit: 7 } } }));
    return { gateway, text: readFileSync(gateway.file, 'utf8') };
  };
  const limits = async ({ admin }: TestGateway) =>
    /^gateway_concurrency_limit_limit\{.*$/gm
      .exec(await (await fetch(`${admin}/metrics`)).text())?.[0]
      .split(' ')
      .at(-1);
  const statusOf = async ({ port }: TestGateway) => (await ask(port, '/')).status;

  it('changes nothing until it is committed, and then all at once', async () => {
    const { gateway, text } = await having();
    const prepared = await gateway.reloading.prepare(text.replace('limit: 7', 'limit: 8').replace('pathPrefix: /', 'pathPrefix: /api'));
    expect([await statusOf(gateway), await limits(gateway)]).to.deep.equal([200, '7']);
    const { revision } = prepared.loaded;
    expect(prepared.commit('api', 'a note')).to.deep.equal({ ok: true, revision, changed: true, needsRestart: [] });
    expect([await statusOf(gateway), await limits(gateway)]).to.deep.equal([404, '8']);
    expect(gateway.reloading.status.changes[0]).to.deep.include({ revision, cause: 'api', note: 'a note' });
    expect(prepared.commit('api')).to.have.property('ok', false);
    expect(gateway.reloading.loaded.revision).to.equal(revision);
  });

  it('leaves nothing behind when it is not', async () => {
    const { gateway, text } = await having();
    const { revision } = gateway.reloading.loaded;
    const prepared = await gateway.reloading.prepare(text.replace('limit: 7', 'limit: 8'));
    await prepared.abandon();
    expect(prepared.commit('api')).to.have.property('ok', false);
    expect([await statusOf(gateway), await limits(gateway)]).to.deep.equal([200, '7']);
    expect(await gateway.reloading.reload('api')).to.include({ ok: true, revision, changed: false });
  });

  it('makes others wait, as they do for one another', async () => {
    const { gateway, text } = await having();
    const order: string[] = [];
    const prepared = await gateway.reloading.prepare(text.replace('limit: 7', 'limit: 8'));
    const reload = gateway.reloading.reload('api').then((result) => order.push(`reloaded ${result.ok && result.changed}`));
    const other = gateway.reloading.prepare(text.replace('limit: 7', 'limit: 9')).then((next) => {
      order.push('prepared');
      return next.abandon();
    });
    await new Promise((resolve) => setImmediate(resolve));
    order.push('committed');
    prepared.commit('api');
    await Promise.all([reload, other]);
    expect(order).to.deep.equal(['committed', 'reloaded true', 'prepared']);
  });

  it('is none when anything is wrong with it', async () => {
    const { gateway, text } = await having();
    const wrong = await gateway.reloading.prepare(text.replace('limit: 7', 'limits: 7')).catch((error: unknown) => error);
    expect(wrong).to.be.instanceOf(ConfigError);
    expect(gateway.reloading.status).to.include({ ok: true });
    expect(await gateway.reloading.reload('api')).to.include({ ok: true, changed: false });
  });
});
