/** Flat header fields (name, value, name, value) as filters see them. */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isHopByHop } from '../upstream/hop-by-hop.ts';
import { fieldOf, hasField, remove } from '../upstream/response-headers.ts';
import type { Headers } from './filter.ts';

/** Written by the gateway from what it sends (RFC 9112 section 6, RFC 9110 section 7.2). */
const FRAMING = new Set(['content-length', 'host', 'expect']);

/** @param fields gives them each time, for they may be replaced as a whole */
export function headersOf(fields: () => string[]): Headers {
  const writable = (name: string, value?: string): string => {
    validateHeaderName(name);
    const lower = name.toLowerCase();
    if (FRAMING.has(lower) || isHopByHop(lower)) throw new TypeError(`${name} is written by the gateway itself`);
    if (value !== undefined) validateHeaderValue(name, value);
    return lower;
  };
  return {
    get: (name) => fieldOf(fields(), name.toLowerCase()),
    has: (name) => hasField(fields(), name.toLowerCase()),
    set(name, value) {
      const lower = writable(name, value);
      remove(fields(), (other) => other === lower);
      fields().push(name, value);
    },
    append(name, value) {
      writable(name, value);
      fields().push(name, value);
    },
    delete(name) {
      const lower = writable(name);
      remove(fields(), (other) => other === lower);
    },
    *entries() {
      const flat = fields();
      for (let at = 0; at < flat.length; at += 2) yield [flat[at] as string, flat[at + 1] as string];
    },
  };
}
