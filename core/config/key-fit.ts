/** Which algorithms a key may serve, never those of another kind of key: `check` and the gateway that verifies agree on it. */
import type { KeyObject } from 'node:crypto';

const curves: Readonly<Record<string, string>> = { ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1' };

/** RFC 7518: sections 3.2 (a secret as long as the hash), 3.3 and 3.5 (RSA of 2048 bits), 3.4 (one curve an algorithm). */
export function fits(algorithm: string, key: KeyObject): boolean {
  const kind = key.asymmetricKeyType;
  switch (algorithm.slice(0, 2)) {
    case 'HS':
      return key.type === 'secret' && (key.symmetricKeySize ?? 0) * 8 >= Number(algorithm.slice(2));
    case 'RS':
      return kind === 'rsa' && isLong(key);
    case 'PS':
      return (kind === 'rsa' || kind === 'rsa-pss') && isLong(key);
    case 'ES':
      return kind === 'ec' && key.asymmetricKeyDetails?.namedCurve === curves[algorithm];
    default:
      return false;
  }
}

const isLong = (key: KeyObject): boolean => (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;

/** What `fits` looks at, in words. */
export function describeKey({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): string {
  const kind = asymmetricKeyType ?? 'unknown';
  const { namedCurve, modulusLength } = asymmetricKeyDetails;
  const size = namedCurve ?? (modulusLength === undefined ? undefined : `${modulusLength} bits`);
  return size === undefined ? `of type ${kind}` : `of type ${kind} (${size})`;
}
