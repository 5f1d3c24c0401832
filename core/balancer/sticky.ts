/** The name of an endpoint in a client's cookie, and the way back. */
import { finish, fnv1a } from './hash.ts';

/** Four bytes in base64url. */
const LENGTH = 6;

/**
 * A name for the endpoint `id` that every gateway gives it alike and that does not show its address. It is a hash of only 32
 * bits: many addresses share each value, so that trying them all does not tell which one it was. Two endpoints of one
 * service with the same name are as good as impossible, and would only share their clients.
 */
export function stickyValue(id: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(finish(fnv1a(id)));
  return bytes.toString('base64url');
}

/** The candidate that a client's `value` names; undefined when it is gone or was never one, for clients send what they like. */
export function stuckTo<T extends { readonly id: string }>(candidates: readonly T[], value: string): T | undefined {
  if (value.length !== LENGTH) return undefined;
  const bytes = Buffer.from(value, 'base64url');
  if (bytes.length !== 4) return undefined;
  const wanted = bytes.readUInt32BE();
  return candidates.find(({ id }) => finish(fnv1a(id)) === wanted);
}
