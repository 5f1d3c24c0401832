import { expect } from 'chai';
import { isHopByHop, listedInConnection } from '../../../core/upstream/hop-by-hop.ts';

describe('isHopByHop', () => {
  it('knows the fields of one connection (RFC 9110 section 7.6.1), in whatever case', () => {
    for (const name of [
      'connection',
      'keep-alive',
      'proxy-connection',
      'te',
      'transfer-encoding',
      'upgrade',
      'proxy-authorization',
      'proxy-authenticate',
      'http2-settings',
    ])
      for (const written of [name, name.toUpperCase()]) expect(isHopByHop(written), written).to.equal(true);
  });

  it('and no other', () => {
    for (const name of ['', 'trailer', 'content-length', 'authorization', 'via', 'cookie', 'constructor', '__proto__'])
      expect(isHopByHop(name), name).to.equal(false);
  });
});

describe('listedInConnection', () => {
  it('has the names in lower case', () => {
    expect([...(listedInConnection('close, X-One,x-two ,\tX-Three') ?? [])]).to.include.members(['x-one', 'x-two', 'x-three']);
  });

  it('is nothing in the ordinary cases', () => {
    for (const value of [undefined, 'close', 'keep-alive', 'Keep-Alive', 'Upgrade']) expect(listedInConnection(value)).to.equal(null);
  });
});
