import { expect } from 'chai';
import { open } from '../support/gateways.ts';
import { launch } from './support/process.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('A signal that comes as soon as the log says that a gateway listens', () => {
  const servers = serversOfThisSuite();

  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    it(`drains it (${signal})`, async () => {
      const given = open('http://127.0.0.1:4001', { private: { drain: { grace: '0ms' } } });
      const gateway = launch(servers, 'private', given);
      await gateway.logs('listening');
      gateway.child.kill(signal);
      await gateway.logs('drained');
      expect(await gateway.ended).to.deep.include({ code: 0, signal: null, stderr: '' });
    });
});
