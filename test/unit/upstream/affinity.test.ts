import { expect } from 'chai';
import { affinityOf, type ClientFacts } from '../../../core/upstream/affinity.ts';

type Config = Parameters<typeof affinityOf>[0];

const facts = (more: Partial<ClientFacts> = {}): ClientFacts => ({ headers: {}, claims: {}, address: '192.0.2.1', ...more });
const hashing = (hashOn?: Config['hashOn']) => affinityOf({ balancer: 'consistentHash', hashOn } as Config).hashKey;

describe('what ties a client to an endpoint', () => {
  it('is nothing by default, whatever it sends', () => {
    const affinity = affinityOf({ balancer: 'leastRequest' } as Config);
    const client = facts({ headers: { cookie: 'at=1' }, claims: { sub: 'a' } });
    expect([affinity.hashKey(client), affinity.stuckTo(client)]).to.deep.equal([undefined, undefined]);
    expect(affinityOf({ balancer: 'random', hashOn: { header: 'x' } } as Config).hashKey(facts({ headers: { x: '1' } }))).to.equal(
      undefined,
    );
  });

  it('is its address when the service hashes', () => {
    expect(hashing()(facts())).to.equal('192.0.2.1');
    expect(hashing('clientAddress')(facts({ address: '2001:db8::1' }))).to.equal('2001:db8::1');
  });

  it('or a header field, by whatever case the configuration has', () => {
    expect(hashing({ header: 'X-Tenant' })(facts({ headers: { 'x-tenant': 'a' } }))).to.equal('a');
    expect(hashing({ header: 'x-tenant' })(facts({ headers: { 'x-tenant': ['a', 'b'] } }))).to.equal('a,b');
    expect(hashing({ header: 'x-tenant' })(facts())).to.equal(undefined);
  });

  it('or a cookie, the first of its name', () => {
    expect(hashing({ cookie: 'cart' })(facts({ headers: { cookie: 'a=1; cart=2; cart=3' } }))).to.equal('2');
    expect(hashing({ cookie: 'cart' })(facts({ headers: { cookie: 'xcart=2' } }))).to.equal(undefined);
    expect(hashing({ cookie: 'cart' })(facts())).to.equal(undefined);
  });

  it('or a claim of its token: a string or a number, and its own', () => {
    const by = (claim: string, claims: ClientFacts['claims']) => hashing({ claim })(facts({ claims }));
    expect(by('sub', { sub: 'user-1' })).to.equal('user-1');
    expect(by('tenant', { tenant: 7 })).to.equal('7');
    expect(by('tenant', { tenant: ['a'] })).to.equal(undefined);
    expect(by('tenant', { tenant: null })).to.equal(undefined);
    expect(by('tenant', {})).to.equal(undefined);
    for (const inherited of ['constructor', '__proto__', 'toString']) expect(by(inherited, {}), inherited).to.equal(undefined);
  });

  it('is the sticky cookie where the service has one, with any balancer', () => {
    const { stuckTo, hashKey } = affinityOf({ balancer: 'roundRobin', sticky: { cookie: 'at' } } as Config);
    expect(stuckTo(facts({ headers: { cookie: 'b=2; at=abc; at=def' } }))).to.equal('abc');
    expect(stuckTo(facts())).to.equal(undefined);
    expect(hashKey(facts({ headers: { cookie: 'at=abc' } }))).to.equal(undefined);
  });
});
