import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import { fits } from '../../../core/config/key-fit.ts';
import { newKey } from '../../conformance/access-tokens/support/issuer.ts';

const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'HS256',
  'HS384',
  'HS512',
  'none',
  'EdDSA',
  '',
];
const rsa = newKey();

describe('fits', () => {
  const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).publicKey;
  const secret = (bytes: number) => createSecretKey(Buffer.alloc(bytes));
  const rows = {
    'RSA of 2048 bits': [rsa.publicKey, ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
    'RSA of 1024 bits': [newKey('RS256', 'short', 1024).publicKey, []],
    'RSA-PSS': [generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey, ['PS256', 'PS384', 'PS512']],
    'P-256': [ec('P-256'), ['ES256']],
    'P-384': [ec('P-384'), ['ES384']],
    'P-521': [ec('P-521'), ['ES512']],
    secp256k1: [ec('secp256k1'), []],
    Ed25519: [generateKeyPairSync('ed25519').publicKey, []],
    'a secret of 31 bytes': [secret(31), []],
    'a secret of 32 bytes': [secret(32), ['HS256']],
    'a secret of 64 bytes': [secret(64), ['HS256', 'HS384', 'HS512']],
  } as const;

  for (const [name, [key, expected]] of Object.entries(rows)) {
    it(`${name}: ${expected.join(', ') || 'nothing'}`, () => {
      expect(algorithms.filter((algorithm) => fits(algorithm, key))).to.deep.equal(expected);
    });
  }
});
