import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { expect } from 'chai';
import type { JwtConfig } from '../../../core/config/schema/index.ts';
import type { Context } from '../../../core/context.ts';
import { compose } from '../../../core/middleware/compose.ts';
import { Problem } from '../../../core/problem.ts';
import { authenticate } from '../../../public-gateway/authenticate.ts';
import { AUDIENCE, craft, goodClaims, hmac, ISSUER } from '../../conformance/access-tokens/support/issuer.ts';
import { testClock } from '../../support/clock.ts';

const secret = createHash('sha256').update('secret').digest('hex');
const clock = testClock();
const jwt: JwtConfig = { issuer: ISSUER, audience: AUDIENCE, secret, algorithms: ['HS256'], from: ['bearer'], clockTolerance: 0 };
const token = craft({ alg: 'HS256' }, goodClaims(clock.seconds()), hmac(secret));

async function pass(exposure: object | undefined, authorization: string | undefined, config: JwtConfig | undefined = jwt) {
  const req = { headers: { authorization }, rawHeaders: [] } as object as IncomingMessage;
  const state = exposure && { route: { config: { expose: { public: exposure } } } };
  const ctx = { req, state: state ?? {} } as Context;
  let passed = 0;
  const problem = await compose([authenticate({ jwt: config, directory: '/', clock }), async () => void passed++])(ctx).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { passed, problem, ctx, req };
}

describe('authenticate', () => {
  it('establishes the user and goes on, once', async () => {
    const { passed, ctx } = await pass({}, `Bearer ${token}`);
    expect(passed).to.equal(1);
    expect(ctx.state.principal).to.deep.include({ kind: 'user', subject: 'user-1' });
  });

  it('leaves the request as it was', async () => {
    const { req } = await pass({}, `Bearer ${token}`);
    expect(Object.keys(req)).to.deep.equal(['headers', 'rawHeaders']);
  });

  it('refuses a request that no public route has taken', async () => {
    const { passed, problem } = await pass(undefined, `Bearer ${token}`);
    expect(passed).to.equal(0);
    expect(problem).to.be.instanceOf(Problem).with.property('code', 'no-route');
  });

  it('knows no user where no tokens are configured, whatever is shown', async () => {
    for (const authorization of [undefined, `Bearer ${token}`]) {
      const req = { headers: { authorization }, rawHeaders: [] } as object as IncomingMessage;
      const ctx = { req, state: { route: { config: { expose: { public: {} } } } } } as Context;
      const problem = await compose([authenticate({ jwt: undefined, directory: '/', clock })])(ctx).catch((error: unknown) => error);
      expect(problem).to.have.property('code', 'unauthenticated');
    }
  });

  it('keeps the reason of a refusal in the cause, and out of what is told', async () => {
    const { problem } = await pass({}, 'Bearer x.y.z');
    expect(problem).to.have.property('code', 'invalid-token');
    expect((problem as Problem).cause).to.be.instanceOf(Error);
    expect((problem as Problem).options).to.have.all.keys('headers', 'cause');
  });
});
