/** From the header section of a service to the fields that go on to the client. */
import { isNamed } from '../http1/fields.ts';
import { isHopByHop, listedInConnection } from './hop-by-hop.ts';

/** Fields that a trailer section may not carry: framing, routing, authentication (RFC 9110 section 6.5.1). */
const NOT_IN_TRAILERS = new Set([
  'content-length',
  'host',
  'trailer',
  'content-encoding',
  'content-type',
  'content-range',
  'cache-control',
  'authorization',
  'set-cookie',
  'www-authenticate',
  'location',
  'age',
  'expires',
  'date',
  'vary',
]);

/**
 * End-to-end fields, flat, in the order they came, bytes as latin1, which is how node writes them again.
 * `status` 204 and 1xx may not have a Content-Length (RFC 9110 section 8.6).
 */
export function endToEndFields(raw: readonly string[], status: number): string[] {
  const fields: string[] = [];
  let listed: ReadonlySet<string> | null = null;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    const value = raw[at + 1] as string;
    if (isNamed(name, 'connection')) listed = union(listed, listedInConnection(value));
    if (isHopByHop(name) || ((status === 204 || status < 200) && isNamed(name, 'content-length'))) continue;
    fields.push(name, value);
  }
  return listed === null ? fields : without(fields, (name) => listed.has(name));
}

/** Trailer fields that may go on, flat. */
export function trailerFields(raw: readonly string[]): string[] {
  return without(endToEndFields(raw, 200), (name) => NOT_IN_TRAILERS.has(name));
}

/** The names of flat fields, in lower case. */
export function namesOf(fields: readonly string[]): Set<string> {
  const names = new Set<string>();
  for (let at = 0; at < fields.length; at += 2) names.add((fields[at] as string).toLowerCase());
  return names;
}

/** Whether flat fields have one of this name, in whatever case. */
export function hasField(fields: readonly string[], name: string): boolean {
  for (let at = 0; at < fields.length; at += 2) if (isNamed(fields[at] as string, name)) return true;
  return false;
}

/** Takes out the fields whose name is refused. @param refused is given it as it was written */
export function remove(fields: string[], refused: (name: string) => boolean): void {
  let kept = 0;
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    if (refused(name)) continue;
    fields[kept] = name;
    fields[kept + 1] = fields[at + 1] as string;
    kept += 2;
  }
  fields.length = kept;
}

/** The fields but those whose lower-case name is refused. */
export function without(fields: readonly string[], refused: (lowerName: string) => boolean): string[] {
  const kept: string[] = [];
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    if (!refused(name.toLowerCase())) kept.push(name, fields[at + 1] as string);
  }
  return kept;
}

function union(a: ReadonlySet<string> | null, b: ReadonlySet<string> | null): ReadonlySet<string> | null {
  if (a === null || b === null) return a ?? b;
  return new Set([...a, ...b]);
}
