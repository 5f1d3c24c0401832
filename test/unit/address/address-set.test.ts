import { expect } from 'chai';
import fc from 'fast-check';
import { addressSet } from '../../../core/address/address-set.ts';

describe('addressSet', () => {
  it('without ranges has nobody', () => {
    expect(addressSet([])('127.0.0.1')).to.equal(false);
  });

  it('has single addresses and ranges, of both kinds', () => {
    const has = addressSet(['10.0.0.1', '192.168.0.0/16', '2001:db8::/32', '::1']);
    for (const address of ['10.0.0.1', '192.168.255.1', '2001:db8:ffff::1', '2001:DB8::', '::1'])
      expect(has(address), address).to.equal(true);
    for (const address of ['10.0.0.2', '192.169.0.1', '2001:db9::1', '::2', 'nonsense', '']) expect(has(address), address).to.equal(false);
  });

  it('says the same again', () => {
    const has = addressSet(['10.0.0.0/8']);
    for (const address of ['10.1.2.3', '11.1.2.3', '10.1.2.3', '11.1.2.3']) expect(has(address)).to.equal(address.startsWith('10.'));
  });

  it('an IPv4 range has no IPv6 address, nor the other way round', () => {
    expect(addressSet(['0.0.0.0/0'])('2001:db8::1')).to.equal(false);
    expect(addressSet(['::/0'])('10.0.0.1')).to.equal(false);
  });

  it('has exactly the addresses that begin with the bits of a range', () => {
    const quad = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 });
    const number = (bytes: readonly number[]) => bytes.reduce((sum, byte) => sum * 256 + byte, 0);
    fc.assert(
      fc.property(quad, quad, fc.integer({ min: 0, max: 32 }), (base, other, bits) => {
        const size = 2 ** (32 - bits);
        const start = Math.floor(number(base) / size) * size;
        const network = [start >>> 24, (start >>> 16) & 255, (start >>> 8) & 255, start & 255].join('.');
        const inside = number(other) >= start && number(other) < start + size;
        return addressSet([`${network}/${bits}`])(other.join('.')) === inside;
      }),
    );
  });
});
