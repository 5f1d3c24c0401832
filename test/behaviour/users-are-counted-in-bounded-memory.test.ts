import { Agent, get } from 'node:http';
import { expect } from 'chai';
import { testClock } from '../support/clock.ts';
import type { TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';
import { as, jwt } from './support/tokens.ts';

/** As many as a slice of time keeps apart, and some more. */
const STRANGERS = 1_200;

interface Report {
  readonly total: { readonly requests: number };
  readonly users: readonly { readonly name: string; readonly requests: number; readonly statuses: object }[];
  readonly usersLack: number;
}

describe('Users are counted in bounded memory', () => {
  const servers = serversOfThisSuite();
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  let gateway: TestGateway;
  let report: Report;

  const send = async (user: string): Promise<void> => {
    const headers = await as(user);
    await new Promise<void>((resolve, reject) => {
      get({ port: gateway.port, agent, headers }, (res) => res.resume().on('end', resolve)).on('error', reject);
    });
  };

  before(async () => {
    const { url } = await servers.upstream((_, res) => void res.end('answered'));
    gateway = await servers.public(
      {
        services: { upstream: { endpoints: [url] } },
        routes: [{ name: 'mine', match: { pathPrefix: '/' }, service: 'upstream', expose: { public: {} } }],
        public: { jwt },
      },
      { clock: { ...testClock(), epoch: Date.now } },
    );
    const queue = Array.from({ length: STRANGERS }, (_, nth) => (nth % 20 === 0 ? [`stranger-${nth}`, 'ada'] : [`stranger-${nth}`])).flat();
    const requests = queue.length;
    const worker = async () => {
      for (let user = queue.pop(); user !== undefined; user = queue.pop()) await send(user);
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    report = await eventually(
      async () =>
        JSON.parse((await ask(Number(new URL(gateway.admin).port), '/stats?top=1000', { headers: { host: 'localhost' } })).body) as Report,
      ({ total }) => total.requests === requests,
    );
  }).timeout(60_000);
  after(() => agent.destroy());

  it('no more of them than there is room for', () => {
    expect(report.users).to.have.length(1_000);
  });

  it('and who comes often is still told rightly', () => {
    const [ada, another] = report.users;
    expect(ada).to.deep.include({ name: 'ada', requests: STRANGERS / 20, statuses: { '2xx': STRANGERS / 20 } });
    expect(another?.requests).to.equal(1);
  });

  it('with how much may be missing of any', () => {
    expect(report.usersLack).to.be.within(1, 2);
  });
});
