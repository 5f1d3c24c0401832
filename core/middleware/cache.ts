/**
 * A shared cache by RFC 9111, for the routes that have one. What is fresh is given; what is stale is validated, or given all the same
 * where RFC 5861 lets it; what is missing is asked for, once for all who ask at the same time.
 */
import { Flights } from '../cache/coalesce.ts';
import { reuseOf, standsIn } from '../cache/freshness.ts';
import { cacheRule } from '../cache/rule.ts';
import { type CacheResult, cacheStatus, type Forwarded } from '../cache/status.ts';
import type { Store, Stored } from '../cache/store.ts';
import { storedAnswer } from '../cache/stored-answer.ts';
import type { RouteConfig } from '../config/schema/index.ts';
import type { Answerer, Context } from '../context.ts';
import { Problem } from '../problem.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import { endAtDeadline } from '../upstream/deadline.ts';
import { UpstreamResponse } from '../upstream/response.ts';
import { hasField } from '../upstream/response-headers.ts';
import { ageOf, type Came, cacheCall, nowhere } from './cache-call.ts';
import { cacheDecision, isKept, SAFE } from './cache-decision.ts';
import { behind, type Visit, visitOf } from './cache-visit.ts';
import { invalidating } from './invalidating.ts';
import { type CallOptions, callerPatience } from './new-exchange.ts';
import { outgoingOf } from './outgoing.ts';

export interface CacheOptions extends CallOptions {
  routes: readonly RouteConfig[];
  store: Store;
  instruments: Pick<Instruments, 'cacheRequests'>;
}

/** Milliseconds that a client waits for another's answer where no single service gives it. */
const PATIENCE = 15_000;

/** What becomes of an answer to credentials says nothing of the answer to others. */
const flightKey = ({ authorized }: Visit, key: string): string => (authorized ? `${key}authorized` : key);

export function cache(options: CacheOptions): Answerer {
  const { name, routes, store, clock, instruments, holds } = options;
  const rules = new Map(routes.flatMap((route) => (route.cache ? [[route, cacheRule(route.cache)] as const] : [])));
  const flights = new Flights(clock);
  const call = cacheCall(store, clock, holds);
  const find = ({ resource, keyFor }: Visit) => store.find(resource, keyFor);
  if (rules.size === 0) return (ctx, next) => next(ctx);

  return function cache(ctx, next) {
    const { method = '' } = ctx.req;
    // A filter may have made another of it.
    if (!SAFE.has(ctx.state.outgoing?.method ?? method)) return invalidating(ctx, next, store);
    const rule = ctx.state.route && rules.get(ctx.state.route.config);
    if (!rule || !isKept(method)) return next(ctx);
    return answerTo(visitOf(ctx, next, rule, outgoingOf(ctx, options)));
  };

  async function answerTo(visit: Visit): Promise<UpstreamResponse> {
    try {
      return await decide(visit);
    } catch (error) {
      note(visit.ctx, visit.ctx.state.cache ?? 'miss');
      throw error;
    }
  }

  async function decide(visit: Visit): Promise<UpstreamResponse> {
    const decision = cacheDecision(visit, find, clock.now());
    if (decision.does === 'pass') return pass(visit, 'bypass', 'bypass');
    if (decision.does === 'ask') return ask(visit, decision.stored, decision.why);
    const { stored, reuse } = decision;
    if (reuse === 'revalidate-behind') revalidate(behind(visit), stored);
    return tell(visit, { answer: stored, status: { hit: true }, result: reuse === 'fresh' ? 'hit' : 'stale' });
  }

  /** Once for all who ask at the same time. */
  async function ask(visit: Visit, stored: Stored | undefined, why: Forwarded): Promise<UpstreamResponse> {
    const key = flightKey(visit, stored?.key ?? visit.keyFor(store.namesFor(visit.resource) ?? visit.rule.usualNames));
    // A head, a part, or that nothing has changed, is an answer for one client alone.
    const own =
      visit.outgoing.method === 'HEAD' ||
      hasField(visit.fields, 'range') ||
      (!stored && (hasField(visit.fields, 'if-none-match') || hasField(visit.fields, 'if-modified-since')));
    if (own || flights.isUnstorable(key)) return tell(visit, await call({ visit, stored, why, flight: undefined }));
    const since = clock.now();
    const expiresAt = since + callerPatience(visit.ctx, options);
    const patience = Math.min(since + (visit.outgoing.service?.config.timeouts.attempt ?? PATIENCE), expiresAt);
    for (;;) {
      const flight = flights.lead(key);
      if (flight) return tell(visit, await call({ visit, stored, why, flight }));
      const outcome = await flights.join(key, patience - clock.now());
      if (outcome === 'late' && patience === expiresAt) throw new Problem('caller-gone');
      visit.ctx.state.waited = clock.now() - since;
      const found = outcome === 'stored' || outcome === 'stood-in' ? store.find(visit.resource, visit.keyFor) : undefined;
      if (found && isFor(found, visit, outcome === 'stood-in')) {
        const result = outcome === 'stored' ? 'hit' : 'stale';
        return tell(visit, { answer: found, status: { hit: true, collapsed: true }, result });
      }
      if (outcome !== 'left') return tell(visit, await call({ visit, stored, why, flight: undefined }));
    }
  }

  /** Whether what another has asked for is for this one too. */
  function isFor(found: Stored, { asked, rule }: Visit, stoodIn: boolean): boolean {
    const age = ageOf(found, clock.now());
    return stoodIn ? standsIn(found, age, rule.allows) : reuseOf(found, age, asked, rule.allows) === 'fresh';
  }

  /** Behind the client's back, at most once at a time: the answer that is given meanwhile is stale. */
  function revalidate(visit: Visit, stored: Stored): void {
    const key = flightKey(visit, stored.key);
    const flight = flights.isUnstorable(key) ? undefined : flights.lead(key);
    if (!flight) return;
    const leave = () => holds.leave();
    holds.enter();
    // Nobody waits for it, and whoever counts calls and failures has counted this one.
    call({ visit, stored, why: 'stale', flight }).then(({ answer }) => {
      if (!(answer instanceof UpstreamResponse)) return leave();
      const { exchange } = visit.ctx.state;
      const atEnd = exchange ? endAtDeadline(exchange, clock) : () => {};
      answer.whenDone(atEnd);
      answer.whenDone(leave);
      answer.into(nowhere);
    }, leave);
  }

  async function pass(visit: Visit, why: Forwarded, result: CacheResult): Promise<UpstreamResponse> {
    visit.ctx.state.cache = result;
    return tell(visit, { answer: await visit.next(visit.ctx), status: { fwd: why }, result });
  }

  function note({ state }: Context, result: CacheResult): void {
    state.cache = result;
    instruments.cacheRequests.add(1, { 'gateway.route.id': state.route?.name ?? '', result });
  }

  /** The answer, with what the cache says of it. */
  function tell({ ctx, fields }: Visit, { answer, status, result }: Came): UpstreamResponse {
    note(ctx, result);
    const said = answer instanceof UpstreamResponse ? status : { ...status, ttl: answer.lifetime.seconds - ageOf(answer, clock.now()) };
    const response =
      answer instanceof UpstreamResponse
        ? answer
        : storedAnswer(answer, ageOf(answer, clock.now()), { method: ctx.req.method ?? 'GET', fields, now: clock.epoch() });
    response.headers.push('Cache-Status', cacheStatus(name, said));
    return response;
  }
}
