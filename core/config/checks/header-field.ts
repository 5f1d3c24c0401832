/** A header field of the configuration that no message can carry, or that the gateway writes itself. */
import { error, type Path, type Remark } from '../finding.ts';
import { FRAMING } from '../framing.ts';

/** @param path where the name stands, its value behind it */
export function headerField(name: string, value: string, path: Path): Remark[] {
  if (FRAMING.has(name.toLowerCase())) return [error(path, 'is written by the gateway itself', { atKey: true })];
  // RFC 9110 section 5.5.
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value) ? [] : [error(path, 'holds a character that no header field can')];
}
