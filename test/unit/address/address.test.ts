import { expect } from 'chai';
import { forwardedAddress, plainAddress, subscriber } from '../../../core/address/address.ts';

describe('plainAddress', () => {
  for (const [given, plain] of [
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:10.0.0.1', '10.0.0.1'],
    ['::1', '::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['', ''],
  ] as const)
    it(`${given || 'nothing'} is ${plain || 'nothing'}`, () => expect(plainAddress(given)).to.equal(plain));
});

describe('forwardedAddress', () => {
  for (const [given, address] of [
    ['10.0.0.1', '10.0.0.1'],
    ['10.0.0.1:4711', '10.0.0.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['[::ffff:10.0.0.1]:80', '10.0.0.1'],
    ['::ffff:a00:1', '10.0.0.1'],
    ['::ffff:c0a8:ff05', '192.168.255.5'],
    ['0:0:0:0:0:ffff:10.0.0.1', '10.0.0.1'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:0db8:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
  ] as const)
    it(`${given} names ${address}`, () => expect(forwardedAddress(given)).to.equal(address));

  for (const given of [
    '',
    'unknown',
    '_hidden',
    'localhost',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.1:x',
    '[10.0.0.1',
    '010.0.0.1',
    '10.0.0.1, 10.0.0.2',
    '[::1]x',
    '[10.0.0.1]',
  ])
    it(`${given || 'nothing'} names nobody`, () => expect(forwardedAddress(given)).to.equal(undefined));
});

describe('subscriber', () => {
  for (const [given, network] of [
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:0DB8:0:0::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['1:2:3:4:5:6:192.0.2.1', '1:2:3:4::/64'],
  ] as const)
    it(`${given} counts as ${network}`, () => expect(subscriber(given)).to.equal(network));

  it('spellings of one address count as one, other networks as others', () => {
    const same = ['2001:db8:0:1::5', '2001:DB8:0:1:0:0:0:5', '2001:db8::1:0:0:0:5'];
    expect(new Set(same.map(subscriber)).size).to.equal(1);
    expect(subscriber('2001:db8:0:2::5')).to.not.equal(subscriber('2001:db8:0:1::5'));
  });
});
