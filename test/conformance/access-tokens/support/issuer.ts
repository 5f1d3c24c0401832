/**
 * A token issuer: honest tokens signed by jose (another implementation than the one under test), and crafted ones, of which
 * every byte can be chosen.
 */
import { constants, createHmac, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';

export const ISSUER = 'https://id.example.com/';
export const AUDIENCE = 'shop';

export interface TestKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly pem: string;
  /** The public half, as a key set has it. */
  readonly jwk: Readonly<Record<string, unknown>>;
}

const curves: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

export function newKey(alg = 'RS256', kid: string = randomUUID(), modulusLength = 2048): TestKey {
  const namedCurve = curves[alg];
  const { privateKey } =
    namedCurve === undefined ? generateKeyPairSync('rsa', { modulusLength }) : generateKeyPairSync('ec', { namedCurve });
  const publicKey = createPublicKey(privateKey);
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return { kid, alg, privateKey, publicKey, pem, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
}

/** Claims that the gateway under test takes, at this second. */
export const goodClaims = (seconds: number): JWTPayload => ({
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'user-1',
  scope: 'orders:read orders:write',
  iat: seconds - 10,
  exp: seconds + 3600,
});

export function honest(key: TestKey, claims: JWTPayload, header: Readonly<Record<string, unknown>> = {}): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header }).sign(key.privateKey);
}

type Signer = (input: Buffer) => Buffer;
type Text = string | Buffer | object;

const bytes = (text: Text): Buffer => (Buffer.isBuffer(text) ? text : Buffer.from(typeof text === 'string' ? text : JSON.stringify(text)));
export const encode = (text: Text): string => bytes(text).toString('base64url');

/** Signs exactly what it is given: objects become JSON, strings and buffers stay as they are. */
export function craft(header: Text, payload: Text, signer: Signer): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${signer(Buffer.from(input)).toString('base64url')}`;
}

export const hmac =
  (secret: string | Buffer, bits = 256): Signer =>
  (input) =>
    createHmac(`sha${bits}`, secret).update(input).digest();
export const rsa =
  (key: TestKey, bits = 256): Signer =>
  (input) =>
    sign(`sha${bits}`, input, key.privateKey);
export const pss =
  (key: TestKey, bits = 256): Signer =>
  (input) =>
    sign(`sha${bits}`, input, { key: key.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: bits / 8 });
export const ecdsa =
  (key: TestKey, bits = 256): Signer =>
  (input) =>
    sign(`sha${bits}`, input, { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
export const unsigned: Signer = () => Buffer.alloc(0);
