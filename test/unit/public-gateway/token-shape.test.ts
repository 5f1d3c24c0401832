import { expect } from 'chai';
import { Problem } from '../../../core/problem.ts';
import { readShape } from '../../../public-gateway/token-shape.ts';
import { encode } from '../../conformance/access-tokens/support/issuer.ts';

const algorithms = new Set(['RS256']);
const token = (header: object | string = { alg: 'RS256' }, payload: object | string = {}, signature = 'AAAA') =>
  `${encode(header)}.${encode(payload)}.${signature}`;

function reason(text: string): string {
  try {
    readShape(text, algorithms);
    return 'taken';
  } catch (error) {
    expect(error).to.be.instanceOf(Problem).with.property('code', 'invalid-token');
    return String((error as Problem).cause);
  }
}

describe('readShape', () => {
  it('reads the header of a plain token', () => {
    expect(readShape(token(), algorithms)).to.deep.equal({ alg: 'RS256', kid: undefined, typ: undefined });
    expect(readShape(token({ alg: 'RS256', kid: 'a', typ: 'application/AT+JWT', extra: 1 }), algorithms)).to.deep.equal({
      alg: 'RS256',
      kid: 'a',
      typ: 'at+jwt',
    });
  });

  it('wants three canonical parts and something in each', () => {
    expect(reason(token(undefined, undefined, ''))).to.contain('signature is empty');
    expect(reason('a.b')).to.contain('three parts');
    expect(reason('a.b.c.d.e')).to.contain('three parts');
    expect(reason(`${token()}=`)).to.contain('canonical');
    expect(reason(token(undefined, undefined, 'AB'))).to.contain('canonical');
    expect(reason('..')).to.contain('empty');
  });

  it('takes 8192 characters and no more', () => {
    const room = 8192 - token().length + 4;
    expect(reason(token(undefined, undefined, 'A'.repeat(room - (room % 4))))).to.equal('taken');
    expect(reason(token(undefined, undefined, 'A'.repeat(8192)))).to.contain('longer');
  });

  it('wants an algorithm of the list, in its spelling', () => {
    for (const alg of ['none', 'rs256', 'HS256', '', null, ['RS256'], 1, undefined])
      expect(reason(token({ alg })), String(alg)).to.contain('algorithm');
  });

  it('wants a kid to be a text', () => {
    for (const kid of [1, null, ['a'], {}]) expect(reason(token({ alg: 'RS256', kid }))).to.contain('kid');
  });

  it('refuses every member that would change what is verified', () => {
    for (const name of ['crit', 'b64', 'zip', 'enc']) expect(reason(token({ alg: 'RS256', [name]: null }))).to.contain(`has ${name}`);
  });

  it('refuses types that carry no access', () => {
    for (const typ of ['dpop+jwt', 'id+jwt', 'JWS', 'application/', '', null, 1, ['JWT']])
      expect(reason(token({ alg: 'RS256', typ })), String(typ)).to.contain('type');
  });

  it('wants an object in UTF-8, without a byte order mark, in both parts', () => {
    for (const text of ['[]', 'null', '{', '\ufeff{}', '{"a":1,"a":1}']) {
      expect(reason(token(undefined, text)), text).to.not.equal('taken');
      expect(reason(token(text)), text).to.not.equal('taken');
    }
    expect(reason(`${encode({ alg: 'RS256' })}.${encode(Buffer.from('{"a":"\xff"}', 'latin1'))}.AAAA`)).to.contain('valid');
  });
});
