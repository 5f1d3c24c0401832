/** A call to the service on behalf of the cache: what is stored is validated by it, what comes is stored as it passes. */
import type { Flight, Outcome } from '../cache/coalesce.ts';
import { responseDirectives } from '../cache/directives.ts';
import type { Filling } from '../cache/filling.ts';
import { ageOnArrival, lifetimeOf, standsIn } from '../cache/freshness.ts';
import { writeDate } from '../cache/http-date.ts';
import type { CacheResult, CacheStatus, Forwarded } from '../cache/status.ts';
import { storedFields, whyNotStored } from '../cache/storable.ts';
import type { Store, Stored } from '../cache/store.ts';
import { confirms, contradicts, freshened, unconditional, validating } from '../cache/validation.ts';
import type { Clock } from '../clock.ts';
import type { Holds } from '../holds.ts';
import { asProblem, Problem } from '../problem.ts';
import { cannotAnswer } from '../upstream/fallback.ts';
import { listOf, oneOf } from '../upstream/fields.ts';
import type { UpstreamResponse } from '../upstream/response.ts';
import { hasField } from '../upstream/response-headers.ts';
import type { Visit } from './cache-visit.ts';
import { isGone } from './call-service.ts';

export interface CacheCall {
  readonly visit: Visit;
  /** What is stored, but may not be given as it is. */
  readonly stored: Stored | undefined;
  readonly why: Forwarded;
  /** For whoever waits for the answer. */
  readonly flight: Flight | undefined;
}

/** What came of it: the service's answer, or that what is stored holds, or has to stand in. */
export interface Came {
  readonly answer: UpstreamResponse | Stored;
  readonly status: CacheStatus;
  readonly result: CacheResult;
}

interface Underway {
  /** By the monotonic clock, in milliseconds. */
  readonly askedAt: number;
  readonly filling: Filling;
  /** Says what became of it, to whoever waits; gives up what is not stored by then. */
  readonly land: (outcome: Outcome) => void;
}

/** RFC 5861 section 4. */
const FAILED = new Set([500, 502, 503, 504]);

/** For an answer that nobody is told. */
export const nowhere = { data() {}, end() {}, fail() {} };

export function cacheCall(store: Store, clock: Clock, holds: Pick<Holds, 'replaced'>): (call: CacheCall) => Promise<Came> {
  return async function cacheCall(call) {
    const { visit, flight } = call;
    const filling = store.fill(visit.resource, visit.route);
    // The rule that it would be stored by may be in force no more, and what it made void is void already.
    if (holds.replaced) filling.abandon();
    const land = (outcome: Outcome) => {
      filling.abandon();
      flight?.land(outcome);
    };
    try {
      return await make(call, filling, land);
    } catch (error) {
      land(outcomeOf(error));
      throw error;
    }
  };

  async function make(call: CacheCall, filling: Filling, land: (outcome: Outcome) => void): Promise<Came> {
    const { visit, stored, why } = call;
    const { ctx, outgoing, rule } = visit;
    const { state } = ctx;
    let askedAt = clock.now();
    const ask = () => {
      askedAt = clock.now();
      return visit.next(ctx).catch(asProblem);
    };
    const age = stored && ageOf(stored, askedAt);
    const standIn = stored !== undefined && age !== undefined && why === 'stale' && standsIn(stored, age, rule.allows);
    const validators = stored && validating(visit.fields, stored.fields);
    outgoing.headers = validators ?? (state.background ? unconditional(visit.fields) : [...visit.fields]);
    state.standIn = standIn;
    let came = await ask();
    // Whoever stands in for the service knows nothing of what the service said.
    if (stored && validators && !(came instanceof Problem) && came.status === 304 && !state.makeshift) {
      date(came.headers);
      came.into(nowhere);
      if (confirms(stored.fields, came.headers)) return validated(call, stored, came, { askedAt, filling, land });
      // It speaks of something else than what is stored: only the whole answer helps (section 4.3.4).
      outgoing.headers = unconditional(visit.fields);
      came = await ask();
      if (!hasFailed(came)) store.drop(stored);
    }
    const isLeft = !state.background && isGone(ctx.res);
    if (standIn && !isLeft && (state.makeshift || hasFailed(came))) {
      if (!(came instanceof Problem)) came.discard();
      land('stood-in');
      const fwdStatus = came instanceof Problem ? {} : { fwdStatus: came.status };
      return { answer: stored, status: { fwd: why, ...fwdStatus, detail: 'stale-if-error' }, result: 'stale' };
    }
    if (came instanceof Problem) throw came;
    date(came.headers);
    return passing(call, came, { askedAt, filling, land });
  }

  /** Every age counts from Date: an answer without one gets it (RFC 9110 section 6.6.1). */
  function date(fields: string[]): void {
    if (!hasField(fields, 'date')) fields.push('Date', writeDate(clock.epoch()));
  }

  /** What is stored still holds, by the service's word. */
  function validated({ visit, why }: CacheCall, stored: Stored, came: UpstreamResponse, underway: Underway): Came {
    const { filling, land } = underway;
    const { status, statusText, body } = stored;
    const { entry, reason } = entryOf(visit, { status, statusText, headers: freshened(stored.fields, came.headers) }, underway.askedAt);
    // What has come meanwhile is newer than what was asked about.
    const kept = reason === undefined && store.holds(stored) && filling.keep(entry, body);
    if (!kept) store.drop(stored);
    land(kept ? 'stored' : 'not-now');
    return { answer: { ...entry, body }, status: { fwd: why, fwdStatus: 304, stored: kept }, result: 'revalidated' };
  }

  /** The service's answer, which goes its way and is stored meanwhile, if it may be. */
  function passing({ visit, stored, why, flight }: CacheCall, came: UpstreamResponse, { askedAt, filling, land }: Underway): Came {
    if (visit.outgoing.method === 'HEAD') {
      if (stored && came.status === 200 && contradicts(stored.fields, came.headers)) store.drop(stored);
      land('not-now');
      return { answer: came, status: { fwd: why }, result: 'miss' };
    }
    const { maxBody } = visit.rule;
    const giveUp = (outcome: Outcome) => {
      land(outcome);
      // Nobody is sent it.
      if (visit.ctx.state.background) came.discard();
    };
    const { entry, reason } = entryOf(visit, came, askedAt);
    const detail = visit.ctx.state.makeshift
      ? 'fallback'
      : (reason ?? (Number(oneOf(came.headers, 'content-length') ?? 0) > maxBody ? 'size' : undefined));
    if (detail !== undefined) {
      // What the service says now is no failure, and no part: what it said before is over.
      const isOfOne = detail === 'fallback' || detail === 'status' || detail === 'authorization' || came.status >= 500;
      if (stored && !isOfOne) store.drop(stored);
      giveUp(isOfOne && detail !== 'authorization' ? 'not-now' : 'unstorable');
      return { answer: came, status: { fwd: why, detail }, result: 'miss' };
    }
    const stays = !filling.isOver;
    let size = 0;
    came.watch({
      data(chunk) {
        size += chunk.length;
        if (size > maxBody) {
          if (stored) store.drop(stored);
          giveUp('unstorable');
        } else if (!filling.take(chunk)) giveUp('not-now');
      },
      // Nobody waits for what one client is slow to read.
      paused: () => flight?.land('not-now'),
      // What comes behind a body would be lost.
      end: (trailers) => land(trailers.length === 0 && filling.keep(entry) ? 'stored' : 'not-now'),
      fail: (problem) => land(outcomeOf(problem)),
    });
    return { answer: came, status: { fwd: why, stored: stays }, result: 'miss' };
  }

  function entryOf(visit: Visit, came: Pick<UpstreamResponse, 'status' | 'statusText' | 'headers'>, askedAt: number) {
    const { rule, authorized } = visit;
    const apart = rule.perUser && visit.ctx.state.principal.kind === 'user';
    const { status, statusText } = came;
    const [now, receivedAt] = [clock.epoch(), clock.now()];
    const { headers: received } = came;
    const directives = responseDirectives(listOf(received, 'cache-control') ?? '', listOf(received, 'cdn-cache-control'));
    const head = { status, fields: received, directives };
    const age = ageOnArrival(received, now, receivedAt - askedAt);
    const { freshAtMost } = visit.ctx.state;
    const lifetime = lifetimeOf(head, age, freshAtMost === undefined ? rule.ttl : Math.min(rule.ttl ?? 0, freshAtMost), now);
    const names = rule.namesOf(received, directives, lifetime);
    const fields = storedFields(received, directives);
    const { route, resource, query } = visit;
    const entry = {
      key: visit.keyFor(names),
      names,
      route,
      resource,
      query,
      queryOf: rule.query,
      status,
      statusText,
      fields,
      directives,
      lifetime,
      age,
      receivedAt,
    };
    return {
      entry,
      reason: whyNotStored(head, lifetime, { authorized, apart, ranged: hasField(visit.fields, 'range') }, rule.allows),
    };
  }
}

/** Only when its client has left is it for another to try: what failed for one fails for all. */
function outcomeOf(error: unknown): Outcome {
  return asProblem(error).code === 'client-closed' ? 'left' : 'not-now';
}

/** Seconds. @param now by the monotonic clock */
export function ageOf({ age, receivedAt }: Stored, now: number): number {
  return age + (now - receivedAt) / 1000;
}

function hasFailed(came: UpstreamResponse | Problem): boolean {
  return came instanceof Problem ? cannotAnswer(came) : FAILED.has(came.status);
}
