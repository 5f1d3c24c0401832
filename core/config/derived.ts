/** Defaults that depend on other values, which a schema cannot say. */
import type { Plain } from './read.ts';

/** With a shared secret, HS256 instead of algorithms that need a public key. */
export function derive(value: Plain): void {
  const jwt = member(member(value, 'public'), 'jwt');
  if (!isObject(jwt) || jwt['algorithms'] !== undefined) return;
  if (typeof jwt['secret'] === 'string' && jwt['jwks'] === undefined && jwt['publicKey'] === undefined) jwt['algorithms'] = ['HS256'];
}

const isObject = (value: Plain | undefined): value is { [key: string]: Plain } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const member = (value: Plain | undefined, key: string): Plain | undefined => (isObject(value) ? value[key] : undefined);
