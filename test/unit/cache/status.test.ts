import { expect } from 'chai';
import { cacheStatus } from '../../../core/cache/status.ts';

describe('Cache-Status (RFC 9211)', () => {
  it('tells what the cache did', () => {
    expect(cacheStatus('g', { hit: true, ttl: 30.9 })).to.equal('g; hit; ttl=30');
    expect(cacheStatus('g', { fwd: 'stale', fwdStatus: 304, ttl: -0.5, stored: true })).to.equal(
      'g; fwd=stale; fwd-status=304; ttl=-1; stored',
    );
    expect(cacheStatus('g', { fwd: 'miss', stored: false, detail: 'private' })).to.equal('g; fwd=miss; detail=private');
    expect(cacheStatus('g', { hit: true, collapsed: true, ttl: 1 })).to.equal('g; hit; ttl=1; collapsed');
  });
});
