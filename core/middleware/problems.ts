/**
 * The one place that answers a failure: an RFC 9457 document with an RFC 9209 Proxy-Status. Everything below throws.
 * It writes by itself, for Koa's own error handler deletes every header already set.
 */
import { STATUS_CODES } from 'node:http';
import type { Context, Middleware } from '../context.ts';
import { asProblem, type Problem } from '../problem.ts';
import { cut, writeHead } from '../upstream/response-head.ts';
import { without } from '../upstream/response-headers.ts';

export interface ProblemsOptions {
  /** The gateway's name, for Proxy-Status. */
  name: string;
  /** Whether causes and service names are told: never at the edge. */
  tellsInternals: boolean;
}

export function problems({ name, tellsInternals }: ProblemsOptions): Middleware {
  return async function problems(ctx, next) {
    try {
      await next();
    } catch (error) {
      const problem = asProblem(error);
      ctx.state.problem = problem;
      ctx.respond = false;
      if (ctx.res.headersSent || problem.code === 'client-closed') cut(ctx.res);
      else answer(ctx, problem, name, tellsInternals);
    }
  };
}

function answer(ctx: Context, problem: Problem, name: string, tellsInternals: boolean): void {
  const { failure, options } = problem;
  const { state, req, res } = ctx;
  const tells = tellsInternals || failure.source === 'client';
  const body = JSON.stringify({
    type: options.type ?? `urn:problem-type:${problem.code}`,
    title: failure.title,
    status: failure.status,
    ...(tells && options.detail !== undefined ? { detail: options.detail } : {}),
    instance: `urn:request:${state.requestId}`,
    code: problem.code,
    requestId: state.requestId,
    ...options.members,
  });
  const own = Object.entries(options.headers ?? {}).flat();
  if (options.retryAfter !== undefined) own.push('Retry-After', String(Math.ceil(options.retryAfter)));
  if (failure.proxyError !== undefined)
    own.push('Proxy-Status', proxyStatus(name, failure.proxyError, tellsInternals ? state.exchange?.service : undefined));
  const taken = new Set(own.filter((_, at) => at % 2 === 0).map((field) => field.toLowerCase()));
  // What is left of an upload that was refused is not worth reading: the connection ends with the answer.
  if (!req.complete && req.httpVersionMajor < 2) own.push('Connection', 'close');
  writeHead(res, failure.status, STATUS_CODES[failure.status] ?? '', [
    ...without(state.answer ?? [], (field) => taken.has(field)),
    ...own,
    'Content-Type',
    'application/problem+json',
    'Content-Length',
    String(Buffer.byteLength(body)),
    'Cache-Control',
    'no-store',
    'X-Content-Type-Options',
    'nosniff',
  ]);
  res.end(req.method === 'HEAD' ? undefined : body);
}

/** `public-gateway; error=connection_refused; next-hop="orders"` */
function proxyStatus(name: string, error: string, nextHop: string | undefined): string {
  return nextHop === undefined ? `${name}; error=${error}` : `${name}; error=${error}; next-hop="${nextHop}"`;
}
