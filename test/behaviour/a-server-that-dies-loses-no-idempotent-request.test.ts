import { expect } from 'chai';
import type { Pressure } from '../../core/telemetry/pressure.ts';
import { testClock } from '../support/clock.ts';
import { open } from '../support/gateways.ts';
import { serversOfThisSuite } from './support/servers.ts';
import { type Answered, startSmallServer } from './support/small-servers.ts';
import { type Asked, type Outcome, steadyLoad } from './support/steady-load.ts';

/**
 * What is promised holds for answers whose head comes with all the rest, as these do: once a client has the head of an answer,
 * nobody can take it back.
 */
describe('one of three servers that is killed under load', () => {
  const servers = serversOfThisSuite();
  /** The clients, and what is expected of their answers, keep the gateway's event loop busy here, as they never do outside of tests. */
  const pressure: Pressure = { level: () => 0, stop() {} };
  const body = 'x'.repeat(2_000);
  const kinds: readonly Asked[] = [
    { method: 'GET' },
    { method: 'PUT', body },
    { method: 'GET' },
    { method: 'PUT', body },
    { method: 'POST', body },
  ];
  const ask = (nth: number): Asked => kinds[nth % kinds.length] ?? { method: 'GET' };
  const answered = ({ answer }: Outcome): Answered => JSON.parse(answer);
  const byWhom = (outcomes: readonly Outcome[]) => new Set(outcomes.filter(({ status }) => status === 200).map((one) => answered(one).by));
  const isWhole = (one: Outcome) => answered(one).method === one.method && answered(one).received === (one.body?.length ?? 0);
  const isIdempotent = ({ method }: Outcome) => method !== 'POST';

  it('fails not one idempotent request, and has its share again when it is back', async () => {
    const clock = testClock();
    const [first, second, third] = await Promise.all([startSmallServer(servers), startSmallServer(servers), startSmallServer(servers)]);
    const endpoints = [first, second, third].map(({ url }) => url);
    const gateway = await servers.public(open('', { service: { endpoints } }), { clock, pressure });

    let killed: Promise<void> | undefined;
    const outcomes = await steadyLoad(gateway.url, {
      count: 2_000,
      inFlight: 32,
      ask,
      onDone(done) {
        if (done === 700) killed = first.kill();
      },
    });
    await killed;
    const failed = outcomes.filter(({ status }) => status !== 200);
    expect(failed.filter(isIdempotent)).to.deep.equal([]);
    // A POST that the server had got may have been done: it is told, and not made again.
    for (const { status } of failed) expect(status).to.equal(502);
    expect(failed.length).to.be.at.most(32);
    expect(outcomes.filter(isIdempotent).filter((one) => !isWhole(one))).to.deep.equal([]);
    expect([...byWhom(outcomes.slice(0, 600))]).to.have.members([first.pid, second.pid, third.pid]);

    const meanwhile = await steadyLoad(gateway.url, { count: 300, inFlight: 32, ask });
    expect(meanwhile.filter(({ status }) => status !== 200)).to.deep.equal([]);
    expect([...byWhom(meanwhile)]).to.have.members([second.pid, third.pid]);

    const successor = await startSmallServer(servers, first.port);
    expect([...byWhom(await steadyLoad(gateway.url, { count: 30, inFlight: 1, ask }))]).to.not.include(successor.pid);
    clock.advance(30_001);
    const after = await steadyLoad(gateway.url, { count: 300, inFlight: 32, ask });
    expect(after.filter(({ status }) => status !== 200)).to.deep.equal([]);
    expect([...byWhom(after)]).to.have.members([second.pid, third.pid, successor.pid]);

    await gateway.drain();
    const events = gateway.logged().filter(({ event }) => String(event).startsWith('endpoint-'));
    expect(events.map(({ event, endpoint }) => [event, endpoint])).to.deep.equal([
      ['endpoint-ejected', `127.0.0.1:${first.port}`],
      ['endpoint-returned', `127.0.0.1:${first.port}`],
    ]);
  }).timeout(60_000);
});
