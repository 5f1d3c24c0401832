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

  it('fails one by intent: an answer that sets a cookie is not stored', () => {
    expect(failed('required')).to.include('headers-store-Set-Cookie');
  });

  it('passes most of what makes a cache a good one', () => {
    expect(passed('optimal'), `failed: ${failed('optimal').join(', ')}`).to.be.at.least(90);
  });
});
