/** `X-Postern-Debug`: tells a caller who may ask which filters ran for a request, and how long each took. */
import { addressSet } from '../address/address-set.ts';
import type { Clock } from '../clock.ts';
import type { Context } from '../context.ts';
import type { Bound } from './chain.ts';

const DEBUG = 'x-postern-debug';

export interface Debug {
  /** @param milliseconds without the call to the service */
  ran(filter: Bound, milliseconds: number, failed: boolean): void;
  /** Puts it on whatever becomes the answer: a list of strings with parameters (RFC 9651), the route and then each filter. */
  tell(ctx: Context): void;
}

/** @param ranges whose clients may ask; the address counts, not the name */
export function debugFor(ranges: readonly string[], clock: Clock): (ctx: Context) => Debug | undefined {
  const trusts = ranges.length === 0 ? undefined : addressSet(ranges);
  return ({ req, state: { client } }) => {
    if (trusts === undefined || req.headers[DEBUG] !== '1' || !trusts(client.address)) return undefined;
    const startedAt = clock.now();
    const runs: string[] = [];
    return {
      ran({ name, stage }, milliseconds, failed) {
        runs.push(`${text(name)};stage=${stage};dur=${milliseconds.toFixed(3)}${failed ? ';failed' : ''}`);
      },
      tell({ state: { answer, route } }) {
        const whole = (clock.now() - startedAt).toFixed(3);
        answer.push('X-Postern-Debug', [`${text(route?.name ?? '')};total=${whole}`, ...runs].join(', '));
      },
    };
  };
}

/** A string of RFC 9651 section 3.3.3. It holds ASCII alone; what a name has beyond is shown as a question mark. */
const text = (name: string): string => `"${name.replaceAll(/[^\x20-\x7e]/g, '?').replaceAll(/["\\]/g, '\\$&')}"`;
