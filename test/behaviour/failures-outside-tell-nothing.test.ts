import { expect } from 'chai';
import { certificateFolder } from '../support/certificates.ts';
import type { TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { type Failing, failingServices } from './support/failing-services.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('However a service fails', () => {
  const servers = serversOfThisSuite();
  const folder = certificateFolder();
  servers.defer(() => folder.remove());
  let failing: Record<string, Failing>;
  let outside: TestGateway;
  let inside: TestGateway;

  before(async () => {
    failing = await failingServices(servers, await folder.authority('nobody trusts it'));
    const names = Object.keys(failing);
    const given = {
      services: Object.fromEntries(names.map((name) => [`backend-${name}`, failing[name]?.service])),
      routes: names.map((name) => ({
        name,
        match: { pathPrefix: `/${name}` },
        service: `backend-${name}`,
        expose: { public: { access: 'anonymous' }, private: { callers: ['tests'] } },
      })),
      private: { callers: { tests: { from: ['127.0.0.1'] } } },
    };
    [outside, inside] = await Promise.all([servers.public(given), servers.private(given)]);
  });

  it('outside it is a problem with its own status and name, and nothing of what is behind', async () => {
    for (const [name, { status, code, proxyError, service }] of Object.entries(failing)) {
      const answer = await ask(outside.port, `/${name}`);
      const problem = answer.json();
      expect([name, answer.status, problem['status'], problem['code']]).to.deep.equal([name, status, status, code]);
      expect(answer.header('proxy-status')).to.equal(`public-gateway; error=${proxyError}`);
      expect(problem).to.have.all.keys('type', 'title', 'status', 'instance', 'code', 'requestId');
      const { date: _, ...headers } = answer.headers;
      const everything = JSON.stringify([headers, answer.body]);
      const { port } = new URL(String(service.endpoints?.[0]));
      for (const inner of ['127.0.0.1', 'backend', 'ECONN', 'undici', 'node', 'at ']) expect(everything, name).to.not.include(inner);
      // As a port, and not where a request id begins with the same digit.
      expect(everything, name).to.not.match(new RegExp(`:${port}\\b`));
    }
  });

  it('inside it names the service, in Proxy-Status', async () => {
    for (const [name, { status, proxyError }] of Object.entries(failing)) {
      const answer = await ask(inside.port, `/${name}`);
      expect([name, answer.status, answer.header('proxy-status')]).to.deep.equal([
        name,
        status,
        `private-gateway; error=${proxyError}; next-hop="backend-${name}"`,
      ]);
    }
  });

  it('the log has the endpoint and the chain of causes', async () => {
    await outside.stop();
    for (const [name, { status, code, cause, service }] of Object.entries(failing)) {
      const line = outside.logged().find(({ route }) => route === name);
      expect(line).to.include({ status, problem: code, outcome: 'failure', service: `backend-${name}`, attempts: 1 });
      expect(line).to.have.property('endpoint', new URL(String(service.endpoints?.[0])).host);
      if (cause) expect(line?.['cause'], name).to.match(cause).and.to.include(`service backend-${name}: endpoint 127.0.0.1`);
    }
  });
});
