import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { keepFew } from '../../../core/eureka/connections.ts';

describe('the connections of a registry', () => {
  let server: Server;
  const agents: Agent[] = [];
  afterEach(() => {
    for (const agent of agents.splice(0)) agent.destroy();
    server.close();
  });

  it('are kept while they are few, and closed with the answer when they are many', async () => {
    server = createServer((_, res) => void res.end());
    keepFew(server, 2);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const connectionOf = (agent: Agent) =>
      new Promise<string | undefined>((resolve, reject) => {
        const asked = request({ port, host: '127.0.0.1', agent }, (res) => {
          res.resume().once('close', () => resolve(res.headers.connection));
        });
        asked.once('error', reject).end();
      });
    const [first, second, third] = Array.from({ length: 3 }, () => new Agent({ keepAlive: true })) as [Agent, Agent, Agent];
    agents.push(first, second, third);
    expect([await connectionOf(first), await connectionOf(second)]).to.deep.equal(['keep-alive', 'keep-alive']);
    expect(await connectionOf(third)).to.equal('close');
    expect(await connectionOf(first), 'those that are kept').to.equal('keep-alive');
  });
});
