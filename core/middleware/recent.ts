/** Remembers requests that are refused or fail, so that it can be asked later what became of them. Others cost a comparison. */
import { INVALID_TRACEID } from '@opentelemetry/api';
import type { Clock } from '../clock.ts';
import type { RouteConfig } from '../config/schema/index.ts';
import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import { rounded } from '../telemetry/figures.ts';
import type { Attempt } from '../upstream/exchange.ts';
import { causes } from './causes.ts';
import { cleanHost, cleaning } from './clean-request.ts';
import type { RecentAttempt, RecentRequest, RecentRequests } from './recent-requests.ts';
import { sentStatus } from './sent-status.ts';

export interface RecentOptions {
  recent: RecentRequests;
  clock: Clock;
  /** Of the configuration. */
  revision: string;
  /** What they match on is kept. */
  routes: readonly RouteConfig[];
}

/** To be told of every request once it is answered, with the time at which it came. */
export type Remember = (ctx: Context, startedAt: number) => void;

export function remember({ recent, clock, revision, routes }: RecentOptions): Remember {
  const clean = cleaning(routes);
  return (ctx, startedAt) => {
    const { problem, route } = ctx.state;
    if (problem === undefined && ctx.res.statusCode < 500) return;
    if (!recent.takes(route?.name, problem?.code ?? ctx.res.statusCode, clock.now())) return;
    const claims = ctx.state.principal?.kind === 'user' ? charactersOf(ctx.req.rawHeaders) : 0;
    recent.add({ ...clean(ctx.req), revision, ...factsOf(ctx, startedAt, clock) }, claims);
  };
}

type Facts = Omit<RecentRequest, 'target' | 'headers' | 'leftOut' | 'revision'>;

function factsOf({ state, req, res }: Context, startedAt: number, clock: Clock): Facts {
  const { problem, exchange, client, span, route } = state;
  const durationMs = clock.now() - startedAt;
  const { traceId } = span.spanContext();
  return {
    id: state.requestId,
    at: Math.round(clock.epoch() - durationMs),
    method: req.method ?? '',
    host: cleanHost(client.host),
    scheme: client.scheme,
    client: client.address,
    peer: client.peer,
    principal: state.principal,
    route: route?.name,
    service: exchange?.service,
    status: sentStatus(res),
    code: problem?.code,
    detail: problem?.options.detail,
    cause: problem && causes(problem),
    durationMs: rounded(durationMs),
    waitedMs: state.waited === undefined ? undefined : rounded(state.waited),
    attempts: (exchange?.attempts ?? []).map((attempt) => attemptOf(attempt, startedAt)),
    cache: state.cache,
    parts: state.parts?.map(({ name, outcome, milliseconds }) => ({ name, outcome, milliseconds: rounded(milliseconds) })),
    traceId: traceId === INVALID_TRACEID ? undefined : traceId,
  };
}

function attemptOf({ endpoint, outcome, startedAt, endedAt }: Attempt, since: number): RecentAttempt {
  return {
    endpoint: endpoint?.authority,
    outcome: outcome instanceof Problem ? outcome.code : outcome === undefined ? 'not sent' : String(outcome),
    cause: outcome instanceof Problem ? causes(outcome) : undefined,
    startedAtMs: rounded(startedAt - since),
    tookMs: endedAt > 0 ? rounded(endedAt - startedAt) : undefined,
  };
}

function charactersOf(texts: readonly string[]): number {
  let characters = 0;
  for (const text of texts) characters += text.length;
  return characters;
}
