import { expect } from 'chai';
import fc from 'fast-check';
import { readDate, writeDate } from '../../../core/cache/http-date.ts';

const now = Date.UTC(2026, 5, 1);

describe('an HTTP date', () => {
  it('comes in three forms (RFC 9110 section 5.6.7)', () => {
    const moment = Date.UTC(1994, 10, 6, 8, 49, 37);
    for (const text of [
      'Sun, 06 Nov 1994 08:49:37 GMT',
      'Sunday, 06-Nov-94 08:49:37 GMT',
      'Sun Nov  6 08:49:37 1994',
      'sUN, 06 nOV 1994 08:49:37 gmt',
    ])
      expect(readDate(text, now), text).to.equal(moment);
    expect(readDate('Thu, 01-Jan-70 00:00:00 GMT', now)).to.equal(undefined);
    expect(readDate('Thursday, 01-Jan-70 00:00:00 GMT', now)).to.equal(Date.UTC(2070, 0, 1));
    expect(readDate('Friday, 01-Jan-99 00:00:00 GMT', now)).to.equal(Date.UTC(1999, 0, 1));
  });

  it('is nothing else', () => {
    for (const text of [
      undefined,
      '',
      '0',
      '1994-11-06T08:49:37Z',
      'Sun, 06 Nov 1994 08:49:37 UTC',
      'Sun, 06 Nov 94 08:49:37 GMT',
      'Sun 06 Nov 1994 08:49:37 GMT',
      'Sun, 06  Nov 1994 08:49:37 GMT',
      'Sun, 06-Nov-1994 08:49:37 GMT',
      'Sun, 06 Nov 1994 08.49.37 GMT',
      'Sun, 06 Nov 1994 8:49:37 GMT',
      'Sun, 31 Feb 1994 08:49:37 GMT',
      'Sun, 06 Nov 1994 24:49:37 GMT',
    ])
      expect(readDate(text, now), String(text)).to.equal(undefined);
  });

  it('reads what it writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
        expect(readDate(writeDate(seconds * 1000), now)).to.equal(seconds * 1000);
      }),
    );
  });
});
