import { expect } from 'chai';
import type { Context, Principal } from '../../../core/context.ts';
import { authorize } from '../../../public-gateway/authorize.ts';

const user: Principal = { kind: 'user', subject: 'user-1', claims: { plan: 'free' }, scopes: new Set(['a']) };

async function problemOf(exposure: object | undefined, principal: Principal = user) {
  const ctx = { state: { route: exposure && { config: { expose: { public: exposure } } }, principal } } as Context;
  let passed = false;
  try {
    await authorize()(ctx as never, async () => {
      passed = true;
    });
    return passed ? 'passed' : 'stopped';
  } catch (error) {
    return error as { code: string; options: { headers?: Record<string, string> } };
  }
}

describe('authorize', () => {
  it('lets pass who has what is asked', async () => {
    expect(await problemOf({})).to.equal('passed');
    expect(await problemOf({ scopes: ['a'], claims: { plan: ['free', 'pro'] } })).to.equal('passed');
    expect(await problemOf({ access: 'anonymous' }, { kind: 'anonymous' })).to.equal('passed');
  });

  it('names the scopes that would do, as RFC 6750 has it', async () => {
    expect(await problemOf({ scopes: ['a', 'orders:write'] })).to.deep.include({
      code: 'insufficient-scope',
      options: { headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope", scope="a orders:write"' } },
    });
  });

  it('writes no scope into the header that could break out of it', async () => {
    const problem = await problemOf({ scopes: ['a"b', 'c\r\nx: y', 'd\\', 'é'] });
    expect(problem).to.have.nested.property('options.headers.WWW-Authenticate', 'Bearer error="insufficient_scope"');
  });

  it('does not tell which claim was wanted', async () => {
    expect(await problemOf({ claims: { plan: ['pro'] } })).to.deep.include({ code: 'forbidden', options: {} });
  });

  it('refuses a request that no public route has taken', async () => {
    expect(await problemOf(undefined)).to.have.property('code', 'no-route');
  });
});
