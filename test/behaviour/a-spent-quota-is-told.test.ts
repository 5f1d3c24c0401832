import { expect } from 'chai';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('A quota and what is left of it are told', () => {
  const servers = serversOfThisSuite();
  const start = async (rateLimit: string | undefined) => {
    const { url } = await servers.upstream();
    return servers.public(open(url, { public: rateLimit === undefined ? {} : { rateLimit } }));
  };

  it('in RateLimit and RateLimit-Policy, with every answer', async () => {
    const { port } = await start('2/m');
    const answers = [await ask(port), await ask(port), await ask(port)];
    expect(answers.map((answer) => answer.header('ratelimit-policy'))).to.deep.equal(Array(3).fill('"default";q=2;w=60'));
    const left = answers.map((answer) => /^"default";r=(\d+);t=(\d+)$/.exec(answer.header('ratelimit') ?? '') ?? []);
    expect(left.map(([, remaining]) => remaining)).to.deep.equal(['1', '0', '0']);
    for (const [, , seconds] of left) expect(Number(seconds)).to.be.within(59, 60);
  });

  it('and once it is spent, with 429, when to come back, and what kind of problem it is', async () => {
    const { port } = await start('1/m');
    await ask(port);
    const answer = await ask(port);
    expect([answer.status, answer.header('content-type')]).to.deep.equal([429, 'application/problem+json']);
    expect(answer.json()).to.include({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      title: 'Too many requests',
      status: 429,
      code: 'rate-limited',
      detail: 'The limit is 1 request in 60 s.',
    });
    expect(answer.json()['violated-policies']).to.deep.equal(['default']);
    const reset = Number(/t=(\d+)/.exec(answer.header('ratelimit') ?? '')?.[1]);
    expect(Number(answer.header('retry-after')))
      .to.be.at.least(reset)
      .and.at.most(60);
  });

  it('by the name of the route where the route has the limit', async () => {
    const { url } = await servers.upstream();
    const { port } = await servers.public(open(url, { route: { expose: { public: { access: 'anonymous', rateLimit: '1/h' } } } }));
    expect((await ask(port)).header('ratelimit-policy')).to.equal('"open";q=1;w=3600');
    expect((await ask(port)).json()['violated-policies']).to.deep.equal(['open']);
  });

  it('a failure of the service tells it too', async () => {
    const { port } = await servers.public(open('http://127.0.0.1:1', { public: { rateLimit: '5/m' } }));
    const answer = await ask(port);
    expect([answer.status, answer.header('ratelimit-policy')]).to.deep.equal([502, '"default";q=5;w=60']);
  });

  it('a new window is a new quota', async () => {
    const { port } = await start('2/s');
    const spent = async () => (await ask(port)).status;
    await eventually(spent, (status) => status === 429);
    await eventually(spent, (status) => status === 200);
  });

  it('without a limit nothing is told', async () => {
    const { port } = await start(undefined);
    expect((await ask(port)).headers).to.not.have.any.keys('ratelimit', 'ratelimit-policy', 'retry-after');
  });
});
