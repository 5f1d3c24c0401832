/** The public suite of cache-tests.fyi against a cached route of the public gateway. */
import { expect } from 'chai';
import { type Case, isThere, runSuite, startCachedGateway, startOrigin, tableOf } from './cache-tests/suite.ts';
import { openBench } from './support/bench.ts';

describe('http-tests/cache-tests through the public gateway', () => {
  const bench = openBench();
  let cases: Case[];

  before(async function () {
    // cache-tests.sh could not bring it: where it comes from is not to be reached from everywhere.
    if (!isThere()) this.skip();
    this.timeout(300_000);
    const gateway = await startCachedGateway(bench, 'public-gateway', await startOrigin(bench));
    cases = await runSuite(gateway.url);
    console.log(tableOf(cases).replace(/^/gm, '      '));
  });
  after(() => bench.clear());

  const failed = (kind: Case['kind']) => cases.filter((one) => one.kind === kind && !one.passed).map(({ id }) => id);
  const passed = (kind: Case['kind']) => cases.filter((one) => one.kind === kind && one.passed).length;

  it('passes what the RFCs require', () => {
    expect(passed('required'), `failed: ${failed('required').join(', ')}`).to.be.at.least(150);
  });

  it('fails some by intent', () => {
    // An answer that sets a cookie is not stored, nor an error that one odd request may provoke; one whose transfer coding nobody knows
    // is no answer at all.
    const refused = ['headers-store-Set-Cookie', 'headers-store-Transfer-Encoding', 'status-400-stale', 'status-499-stale'];
    expect(failed('required')).to.have.members(refused);
    // What was made for one's credentials goes to nobody else unless it is public; spaces may mean something to the service.
    const given = ['status-400-fresh', 'status-499-fresh', 'other-authorization-must-revalidate', 'other-authorization-smaxage'];
    expect(failed('optimal')).to.include.members([...given, 'vary-normalise-space']);
  });

  it('passes most of what makes a cache a good one', () => {
    expect(passed('optimal'), `failed: ${failed('optimal').join(', ')}`).to.be.at.least(88);
  });
});
