import { expect } from 'chai';
import fc from 'fast-check';
import { Lines } from '../../../core/registry/lines.ts';

describe('lines in a stream of bytes', () => {
  it('are the same however the bytes are cut, and end with LF or CRLF', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'ü', '😀', ' ') })),
        fc.constantFrom('\n', '\r\n'),
        fc.nat(9),
        (all, end, cut) => {
          const bytes = Buffer.from(all.map((line) => `${line}${end}`).join(''));
          const lines = new Lines();
          const found: string[] = [];
          for (let at = 0; at < bytes.length; at += cut + 1) found.push(...lines.take(bytes.subarray(at, at + cut + 1)));
          expect(found).to.deep.equal(all);
          expect(lines.pending).to.equal(0);
        },
      ),
    );
  });

  it('are not read anew with each byte, and say how long the last one is already', () => {
    const lines = new Lines();
    const bytes = Buffer.from('xxxxxxxxxxxxxxxxxxxx');
    // Read anew each time these would be a hundred gigabytes, and the test would not end.
    for (let count = 0; count < 100_000; count += 1) lines.take(bytes);
    expect(lines.pending).to.equal(2_000_000);
    expect(lines.take(Buffer.from('\nend'))[0]).to.have.length(2_000_000);
    expect(lines.pending).to.equal(3);
  });
});
