import { expect } from 'chai';
import fc from 'fast-check';
import ipRangeCheck from 'ip-range-check';
import { contains, parseRange, type Range } from '../../../core/config/cidr.ts';

function range(text: string): Range {
  const parsed = parseRange(text);
  if (typeof parsed === 'string') throw new Error(`${text}: ${parsed}`);
  return parsed;
}

describe('address ranges', () => {
  it('says how a range is written', () => {
    expect(range('10.0.0.1/8')).to.include({ canonical: '10.0.0.0/8', hostBits: true, family: 4 });
    expect(range('10.0.0.0/8')).to.include({ canonical: '10.0.0.0/8', hostBits: false });
    expect(range('127.0.0.1')).to.include({ canonical: '127.0.0.1', hostBits: false });
    expect(range('FD00:0:0:1::/64').canonical).to.equal('fd00:0:0:1::/64');
    expect(range('::/0').canonical).to.equal('::/0');
    expect(range('1:0:0:2:0:0:0:3').canonical, 'the longest run of zeros').to.equal('1:0:0:2::3');
    expect(range('::ffff:10.1.2.3/104')).to.include({ canonical: '10.0.0.0/8', family: 4, hostBits: true });
    expect(range('64:ff9b::1.2.3.4').canonical).to.equal('64:ff9b::102:304');
  });

  it('refuses what is no range', () => {
    const wrong = [
      '',
      '10.0.0',
      '10.0.0.0/33',
      '10.0.0.0/-1',
      '10.0.0.0/08',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      '010.0.0.1',
      '0x0a.0.0.1',
      '::1/129',
      ':::',
      '1::2::3',
      'fe80::1%eth0',
      ' 10.0.0.1',
      '::ffff:1.2.3.4/95',
    ];
    for (const text of wrong) expect(parseRange(text), text).to.be.a('string');
  });

  it('knows what contains what', () => {
    expect(contains(range('0.0.0.0/0'), range('::/0')), 'families apart').to.equal(false);
    expect(contains(range('10.0.0.0/8'), range('10.1.0.0/16'))).to.equal(true);
    expect(contains(range('10.1.0.0/16'), range('10.0.0.0/8'))).to.equal(false);
  });

  it('writes every range as ip-range-check understands it', () => {
    const octets = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(octets, fc.integer({ min: 0, max: 32 }), (address, prefix) => {
        const written = address.join('.');
        expect(ipRangeCheck(written, range(`${written}/${prefix}`).canonical)).to.equal(true);
        expect(ipRangeCheck(written, range(`::ffff:${written}/${96 + prefix}`).canonical)).to.equal(true);
      }),
    );
    const groups = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, fc.integer({ min: 0, max: 128 }), (address, prefix) => {
        // Anything but an IPv4-mapped address, which is IPv4.
        const written = [0x2001, ...address.slice(1)].map((group) => group.toString(16)).join(':');
        const { canonical } = range(`${written}/${prefix}`);
        expect(ipRangeCheck(written, canonical), canonical).to.equal(true);
        expect(range(canonical).canonical, 'as it stands').to.equal(canonical);
      }),
    );
  });
});
