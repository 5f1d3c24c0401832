/** One source of keys, and algorithms that fit it. */

import { error, type Remark } from '../finding.ts';
import type { JwtConfig } from '../schema/index.ts';
import type { Check } from './check.ts';

const sources = ['jwks', 'publicKey', 'secret'] as const;

export const jwt: Check = ({ public: { jwt: config } }) => {
  if (config === undefined) return [];
  const given = sources.filter((key) => config[key] !== undefined);
  const [source] = given;
  if (source === undefined)
    return [
      error(['public', 'jwt'], 'must have one of jwks, publicKey and secret', { from: sources.map((key) => ['public', 'jwt', key]) }),
    ];
  if (given.length > 1) return [error(['public', 'jwt'], `must have only one of jwks, publicKey and secret, not ${given.join(' and ')}`)];
  return config.algorithms.flatMap((algorithm, index) => unfit(config, source, algorithm, index));
};

/** Accepting HS algorithms beside a public key lets anybody sign with that key, which is public (RFC 8725 section 2.1). */
function unfit(config: JwtConfig, source: (typeof sources)[number], algorithm: string, index: number): Remark[] {
  const place = ['public', 'jwt', 'algorithms', index];
  const symmetric = algorithm.startsWith('HS');
  if (symmetric && source !== 'secret') return [error(place, `${algorithm} is for a shared secret and does not fit ${source}`)];
  if (!symmetric && source === 'secret')
    return [error(place, `${algorithm} is for a public key and does not fit secret; HS256, HS384 and HS512 do`)];
  const needed = Number(algorithm.slice(2)) / 8;
  if (source === 'secret' && Buffer.byteLength(config.secret ?? '') < needed) {
    return [error(['public', 'jwt', 'secret'], `must have at least ${needed} bytes for ${algorithm} (RFC 7518 section 3.2)`)];
  }
  return [];
}
