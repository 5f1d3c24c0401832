import { expect } from 'chai';
import { resultingStatus } from '../../../core/registry/status.ts';

describe('the status of an instance', () => {
  const claim = { claimed: 'UP', override: undefined, existing: undefined, replication: false } as const;

  it('is its own when it is not ready, whatever anybody says', () => {
    for (const claimed of ['DOWN', 'STARTING', 'UNKNOWN'] as const)
      expect(resultingStatus({ ...claim, claimed, override: 'UP', existing: 'UP' })).to.equal(claimed);
  });

  it('is an override where there is one', () => {
    expect(resultingStatus({ ...claim, override: 'OUT_OF_SERVICE', existing: 'UP' })).to.equal('OUT_OF_SERVICE');
    expect(resultingStatus({ ...claim, claimed: 'OUT_OF_SERVICE', override: 'UP' })).to.equal('UP');
  });

  it('stays what it was, in or out of traffic, unless a peer says so', () => {
    expect(resultingStatus({ ...claim, existing: 'OUT_OF_SERVICE' })).to.equal('OUT_OF_SERVICE');
    expect(resultingStatus({ ...claim, existing: 'OUT_OF_SERVICE', replication: true })).to.equal('UP');
    expect(resultingStatus({ ...claim, existing: 'DOWN' })).to.equal('UP');
  });
});
