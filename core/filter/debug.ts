/** `X-Postern-Debug`: tells a caller who may ask which filters ran for a request, and how long each took. */
import { addressSet } from '../address/address-set.ts';
import type { Clock } from '../clock.ts';
import type { Context } from '../context.ts';
import type { UpstreamResponse } from '../upstream/response.ts';
import type { Bound } from './chain.ts';

export const DEBUG = 'x-postern-debug';

export interface Debug {
  /** @param milliseconds without the call to the service */
  ran(filter: Bound, milliseconds: number): void;
  tell(answer: UpstreamResponse): void;
}

/** @param ranges whose clients may ask; the address counts, not the name */
export function debugFor(ranges: readonly string[], clock: Clock): (ctx: Context) => Debug | undefined {
  const trusts = ranges.length === 0 ? undefined : addressSet(ranges);
  return ({ req, state }) => {
    if (trusts === undefined || req.headers[DEBUG] !== '1' || !trusts(state.client.address)) return undefined;
    const startedAt = clock.now();
    const runs: string[] = [];
    return {
      ran({ name, stage }, milliseconds) {
        runs.push(`${stage} ${JSON.stringify(name)};dur=${milliseconds.toFixed(3)}`);
      },
      tell(answer) {
        const whole = (clock.now() - startedAt).toFixed(3);
        answer.headers.push('X-Postern-Debug', [`route ${JSON.stringify(state.route?.name ?? '')};dur=${whole}`, ...runs].join(', '));
      },
    };
  };
}
