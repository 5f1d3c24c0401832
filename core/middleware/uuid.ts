/** Random identifiers (RFC 9562 section 5.4), as node:crypto makes them; but it puts each together of twenty texts, at every request. */
import { randomFillSync } from 'node:crypto';

const BYTES = 16;
/** Identifiers for which chance is drawn at once. */
const DRAWN = 128;
const SHAPE = 'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx';

/** The two digits of each byte, as latin1. */
const HIGH = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0').charCodeAt(0));
const LOW = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0').charCodeAt(1));

const chance = Buffer.alloc(DRAWN * BYTES);
const text = Buffer.from(SHAPE, 'latin1');
/** Where the digits of each byte stand. */
const PLACES = Uint8Array.from([...SHAPE.matchAll(/xx/g)], ({ index }) => index);
let used = chance.length;

export function uuid(): string {
  if (used === chance.length) {
    randomFillSync(chance);
    used = 0;
  }
  for (let at = 0; at < BYTES; at += 1) {
    let byte = chance[used + at] as number;
    if (at === 6) byte = (byte & 0x0f) | 0x40;
    else if (at === 8) byte = (byte & 0x3f) | 0x80;
    const place = PLACES[at] as number;
    text[place] = HIGH[byte] as number;
    text[place + 1] = LOW[byte] as number;
  }
  used += BYTES;
  return text.toString('latin1');
}
