/** What it means that a route takes requests that another one took, or none. */
import type { Config } from '../../config/schema/index.ts';
import { describePrivate, describePublic } from '../../routing/exposure.ts';
import type { Route } from '../../routing/route.ts';
import { askedNoMore, isAnonymous } from './access.ts';
import type { Identity } from './callers.ts';
import { heldBackNoMore, looserForCaller, newTargets, type Side } from './effects.ts';

export interface Found {
  readonly kind: Kind | Over;
  readonly who: string;
  readonly says: string;
}

type Kind = 'newly-anonymous' | 'newly-public' | 'newly-callable' | 'wider' | 'elsewhere';
type Over = 'no-longer-anonymous' | 'no-longer-public' | 'no-longer-callable' | 'narrower';

export interface Circumstances {
  readonly gateway: 'public' | 'private';
  readonly before: Config;
  readonly after: Config;
  /** Of the private gateway, by the name after. */
  readonly callers: ReadonlyMap<string | null, readonly Identity[]>;
  /** Whether the two have changed places. */
  readonly reversed: boolean;
}

export function judge(circumstances: Circumstances, before: Route | null, after: Route): readonly Found[] {
  const { gateway, reversed } = circumstances;
  const then = before && { config: circumstances.before, route: before };
  const now = { config: circumstances.after, route: after };
  const found = gateway === 'public' ? throughPublic(then, now, reversed) : throughPrivate(then, now, circumstances);
  if (then === null || reversed) return found;
  const who = gateway === 'public' ? anybody(after) : describePrivate(after.config);
  const targets = newTargets(then, now);
  const elsewhere = targets.length === 0 ? [] : [{ kind: 'elsewhere' as const, who, says: `goes to ${targets.join(', ')}` }];
  return [...found, ...heldBackNoMore(gateway, then, now).map((says) => ({ kind: 'wider' as const, who, says })), ...elsewhere];
}

const anybody = ({ config }: Route): string => (config.expose.public?.access === 'anonymous' ? 'anybody' : describePublic(config));

function throughPublic(before: Side | null, after: Side, reversed: boolean): Found[] {
  const edge = after.route.config.expose.public ?? {};
  const who = anybody(after.route);
  const past = before?.route.config.expose.public;
  const found: Found[] = [];
  if (isAnonymous(edge) && (past === undefined || !isAnonymous(past))) {
    const asked = before === null ? 'nobody' : anybody(before.route);
    found.push(
      reversed
        ? { kind: 'no-longer-anonymous', who, says: before === null ? 'no route takes it any more' : `now only: ${asked}` }
        : { kind: 'newly-anonymous', who, says: before === null ? 'no route took it before' : `before only: ${asked}` },
    );
  }
  if (past === undefined) {
    found.push(
      reversed
        ? { kind: 'no-longer-public', who, says: 'no route takes it any more' }
        : { kind: 'newly-public', who, says: 'no route took it before' },
    );
    return found;
  }
  const asked = isAnonymous(edge) ? [] : askedNoMore(past, edge);
  if (asked.length > 0) {
    found.push(
      reversed
        ? { kind: 'narrower', who, says: `asks for ${asked.join(' and ')}` }
        : { kind: 'wider', who, says: `no longer asks for ${asked.join(' and ')}` },
    );
  }
  return found;
}

/** Each caller, with where it comes from when that is what has changed. */
function throughPrivate(before: Side | null, after: Side, { callers, reversed }: Circumstances): Found[] {
  const allowed = after.route.config.expose.private?.callers ?? [];
  const past = before?.route.config.expose.private?.callers ?? [];
  return [...new Set(allowed)].flatMap((caller): Found[] => {
    const own = callers.get(caller) ?? [];
    const fresh = own.filter((one) => one.before === null || !past.includes(one.before));
    const found: Found[] = [];
    if (fresh.length > 0) {
      const names = [...new Set(fresh.map((one) => one.before ?? 'nobody'))];
      const who =
        fresh.length === own.length && past.every((name) => name !== caller)
          ? caller
          : `${caller} from ${listed(fresh.flatMap(({ from }) => from))}`;
      const was = names.every((name) => name === caller) ? '' : `, who ${reversed ? 'is' : 'was'} ${names.join(', ')}`;
      const over = before === null ? 'no route takes it any more' : `now only: ${describePrivate(before.route.config)}`;
      const fresher = before === null ? 'no route took it before' : `before only: ${describePrivate(before.route.config)}`;
      found.push({
        kind: reversed ? 'no-longer-callable' : 'newly-callable',
        who,
        says: `${reversed ? over : fresher}${before === null ? '' : was}`,
      });
    }
    const kept = before === null || reversed ? [] : own.filter((one) => one.before !== null && past.includes(one.before));
    const looser = new Set(
      kept.flatMap((one) =>
        before === null ? [] : (looserForCaller({ ...before, caller: one.before ?? '' }, { ...after, caller }) ?? []),
      ),
    );
    return [...found, ...[...looser].map((says) => ({ kind: 'wider' as const, who: caller, says }))];
  });
}

const MOST = 4;

function listed(ranges: readonly string[]): string {
  const more = ranges.length - MOST;
  return more > 0 ? `${ranges.slice(0, MOST).join(', ')} and ${more} more` : ranges.join(', ');
}
