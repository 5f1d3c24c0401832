/** A source without the endpoints that no service has: whoever registers says where, and would have the gateway call its own admin port. */
import { hostname, networkInterfaces } from 'node:os';
import { type OwnPlace, ownPlaceAt } from '../config/own-places.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Discovered, Source } from './source.ts';

export interface NotOwnParts {
  readonly places: readonly OwnPlace[];
  readonly logger: Pick<Logger, 'warn'>;
}

export function notOwn(source: Source, service: string, { places, logger }: NotOwnParts): Source {
  let of: readonly Discovered[] | undefined;
  let kept: readonly Discovered[] | undefined;
  let refused = new Set<string>();

  const sift = (answer: readonly Discovered[]): readonly Discovered[] => {
    const machine = thisMachine();
    const own = new Set<string>();
    const others = answer.filter(({ origin }) => {
      const place = ownPlaceAt(new URL(origin), places, machine);
      if (!place) return true;
      own.add(origin);
      // One line for each, for as long as it is there.
      if (!refused.has(origin)) logger.warn({ event: 'endpoint-refused', service, endpoint: origin, reason: `is ${place.path.join('.')}` });
      return false;
    });
    refused = own;
    return own.size === 0 ? answer : others;
  };

  return {
    get answer() {
      if (source.answer !== of) {
        of = source.answer;
        kept = of && sift(of);
      }
      return kept;
    },
    get answered() {
      return source.answered ?? source.answer !== undefined;
    },
    get asOf() {
      return source.asOf;
    },
    get failure() {
      return source.failure;
    },
    fixed: source.fixed,
    start: (onChange) => source.start(onChange),
    stop: () => source.stop(),
  };
}

/** What it is called now: addresses come and go. */
function thisMachine(): ReadonlySet<string> {
  const addresses = Object.values(networkInterfaces()).flatMap((some = []) => some.map(({ address }) => address));
  return new Set([hostname(), ...addresses].map((name) => name.toLowerCase()));
}
