import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { launchBy, root } from './support/process.ts';
import { serversOfThisSuite } from './support/servers.ts';

const unit = readFileSync(join(root, 'deploy/systemd/postern-public.service'), 'utf8');
const given = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1] ?? '';

describe('The unit file starts a gateway that drains', () => {
  const servers = serversOfThisSuite();

  it('at the SIGTERM that systemd sends to the process it has started, and to no other', async function () {
    // The node of `node_modules` is Linux's, and so is systemd.
    if (process.platform !== 'linux') {
      process.stdout.write('skipped: the unit file is for systemd, which only Linux has\n');
      this.skip();
    }
    const asked = Promise.withResolvers<void>();
    const drains = Promise.withResolvers<void>();
    const upstream = await servers.upstream(async (_req, res) => {
      asked.resolve();
      await drains.promise;
      res.end('finished');
    });
    const gateway = launchBy(servers, open(upstream.url, { public: { drain: { grace: '0ms', deadline: '5s' } } }), (file) =>
      given('ExecStart').replaceAll(given('WorkingDirectory'), root).replace('/etc/postern/postern.yaml', file).split(' '),
    );
    const { url } = await gateway.logs('listening');
    const underway = ask(Number(new URL(String(url)).port));
    await asked.promise;
    gateway.child.kill('SIGTERM');
    await gateway.logs('draining');
    drains.resolve();
    expect((await underway).body).to.contain('finished');
    expect(await gateway.ended).to.deep.include({ code: 0, signal: null, stderr: '' });
  });
});
