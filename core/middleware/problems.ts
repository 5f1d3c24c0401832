/**
 * The one place that answers a failure: an RFC 9457 document with an RFC 9209 Proxy-Status. Everything below throws.
 * It writes by itself, for Koa's own error handler deletes every header already set.
 */
import type { Context, Middleware } from '../context.ts';
import { asProblem, type Problem } from '../problem.ts';
import { cut } from '../upstream/response-head.ts';
import { answer } from './answer.ts';

export interface ProblemsOptions {
  /** The gateway's name, for Proxy-Status. */
  name: string;
  /** Whether causes and service names are told: never at the edge. */
  tellsInternals: boolean;
}

const ALWAYS = ['Content-Type', 'application/problem+json', 'Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff'];

export function problems(options: ProblemsOptions): Middleware {
  return function problems(ctx, next) {
    return next().catch((error: unknown) => answerProblem(ctx, asProblem(error), options));
  };
}

function answerProblem(ctx: Context, problem: Problem, options: ProblemsOptions): void {
  ctx.state.problem = problem;
  if (ctx.res.headersSent || problem.code === 'client-closed') {
    cut(ctx.res);
    return;
  }
  const { status, fields, body } = problemDocument(ctx, problem, options);
  answer(ctx, status, fields, body);
}

export interface ProblemDocument {
  readonly status: number;
  /** Flat. */
  readonly fields: string[];
  readonly body: string;
}

export function problemDocument(ctx: Context, problem: Problem, { name, tellsInternals }: ProblemsOptions): ProblemDocument {
  const { failure, options } = problem;
  const { requestId, exchange } = ctx.state;
  const tells = tellsInternals || failure.source === 'client';
  const body = JSON.stringify({
    type: options.type ?? `urn:problem-type:${problem.code}`,
    title: failure.title,
    status: problem.status,
    ...(tells && options.detail !== undefined ? { detail: options.detail } : {}),
    instance: `urn:request:${requestId}`,
    code: problem.code,
    requestId,
    ...options.members,
  });
  const fields = [...Object.entries(options.headers ?? {}).flat(), ...ALWAYS];
  if (options.retryAfter !== undefined) fields.push('Retry-After', String(Math.ceil(options.retryAfter)));
  if (failure.proxyError !== undefined)
    fields.push('Proxy-Status', proxyStatus(name, failure.proxyError, tellsInternals ? exchange?.service : undefined));
  return { status: problem.status, fields, body };
}

/** `public-gateway; error=connection_refused; next-hop="orders"` */
function proxyStatus(name: string, error: string, nextHop: string | undefined): string {
  return nextHop === undefined ? `${name}; error=${error}` : `${name}; error=${error}; next-hop="${nextHop}"`;
}
