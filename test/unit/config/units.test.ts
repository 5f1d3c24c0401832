import { expect } from 'chai';
import fc from 'fast-check';
import { formatDuration, longestDuration, parseDuration, parsePercentage, parseRate, parseSize } from '../../../core/config/units.ts';

describe('units', () => {
  it('reads durations in milliseconds', () => {
    expect(['250ms', '2s', '1.5s', '1m', '1h', '0s'].map(parseDuration)).to.deep.equal([250, 2000, 1500, 60_000, 3_600_000, 0]);
    expect(parseDuration('1.1s'), 'no binary fractions').to.equal(1100);
  });

  it('reads no duration without a unit, with a sign, or finer than a millisecond', () => {
    for (const text of ['', '5', 's', '-1s', '+1s', '1 s', '1S', '1d', '0.5ms', '1e3ms', '.5s', '1.s', '1s ', '١s'])
      expect(parseDuration(text), text).to.equal(null);
  });

  it('reads no duration that a timer would not wait for', () => {
    expect(parseDuration(`${longestDuration}ms`)).to.equal(longestDuration);
    expect(parseDuration(`${longestDuration + 1}ms`)).to.equal(null);
  });

  it('reads sizes in bytes, by binary units only', () => {
    expect(['512B', '16KiB', '1.5MiB', '1GiB'].map(parseSize)).to.deep.equal([512, 16_384, 1_572_864, 1_073_741_824]);
    for (const text of ['10', '10MB', '10M', '10mib', '0.3B', '9999999999GiB']) expect(parseSize(text), text).to.equal(null);
  });

  it('reads rates of at least one', () => {
    expect(parseRate('100/s')).to.deep.equal({ limit: 100, windowMs: 1000 });
    expect(parseRate('20/m')).to.deep.equal({ limit: 20, windowMs: 60_000 });
    for (const text of ['0/s', '1/d', '1.5/s', '1/ s', '/s', '-1/s', '99999999999999999/s']) expect(parseRate(text), text).to.equal(null);
  });

  it('reads percentages as fractions', () => {
    expect(['0%', '0.5%', '50%', '100%'].map(parsePercentage)).to.deep.equal([0, 0.005, 0.5, 1]);
    for (const text of ['101%', '-1%', '10', '0.1', '%']) expect(parsePercentage(text), text).to.equal(null);
  });

  it('writes what it reads', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: longestDuration }), (value) => parseDuration(formatDuration(value)) === value));
    expect(formatDuration(90_000)).to.equal('90s');
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string(), (text) =>
        [parseDuration, parseSize, parseRate, parsePercentage].every((parse) => parse(text) !== undefined),
      ),
    );
  });
});
