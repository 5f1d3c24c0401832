/** A key that tokens are verified with, from a published set or from the configuration. */
import { createPublicKey, createSecretKey, type JsonWebKeyInput, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fits } from '../core/config/key-fit.ts';
import type { JwtConfig } from '../core/config/schema/index.ts';
import type { TokenHeader } from './token-shape.ts';

export interface SigningKey {
  readonly key: KeyObject;
  readonly kid: string | undefined;
  /** The one algorithm its publisher made it for, if stated. */
  readonly algorithm: string | undefined;
  /** False once the key set no longer has it. */
  live: boolean;
}

/** Where keys come from. */
export interface Keys {
  /** The one key for this header; throws a `Problem` when there is none. */
  find(header: TokenHeader): Promise<SigningKey>;
  /** Whether a key found earlier may be relied on now. Asked for every request, so it never waits. */
  trusts(key: SigningKey): boolean;
}

/** A key of a published set, if it verifies signatures; keys for anything else, or broken, or private, are passed over. */
export function keyFromJwk(jwk: unknown): SigningKey | undefined {
  if (typeof jwk !== 'object' || jwk === null) return undefined;
  const { kty, kid, alg, use, key_ops: operations, d } = jwk as Record<string, unknown>;
  if ((kty !== 'RSA' && kty !== 'EC') || d !== undefined) return undefined;
  if (use !== undefined && use !== 'sig') return undefined;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return undefined;
  if ((kid !== undefined && typeof kid !== 'string') || (alg !== undefined && typeof alg !== 'string')) return undefined;
  try {
    return { key: createPublicKey({ key: jwk as JsonWebKeyInput['key'], format: 'jwk' }), kid, algorithm: alg, live: true };
  } catch {
    return undefined;
  }
}

/** The key that the configuration itself gives. A token's `kid` has nothing to choose from and is not read. */
export function configuredKey(jwt: JwtConfig, directory: string): Keys {
  const key = jwt.secret === undefined ? publicKey(resolve(directory, jwt.publicKey ?? '')) : createSecretKey(jwt.secret, 'utf8');
  const unfit = jwt.algorithms.filter((algorithm) => !fits(algorithm, key));
  if (unfit.length === jwt.algorithms.length) throw new Error(`jwt: the key does not fit ${unfit.join(', ')}`);
  const only: SigningKey = { key, kid: undefined, algorithm: undefined, live: true };
  return { find: async () => only, trusts: () => true };
}

function publicKey(file: string): KeyObject {
  const pem = readFileSync(file, 'utf8');
  if (pem.includes('PRIVATE KEY')) throw new Error(`${file} holds a private key, which a gateway must not have`);
  return createPublicKey(pem);
}
