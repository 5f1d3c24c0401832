/** One shape of errors, whatever services send: their 4xx and 5xx become problem documents as the gateway's own are (RFC 9457). */
import { STATUS_CODES } from 'node:http';
import type { Clock } from '../clock.ts';
import type { Answerer, Context } from '../context.ts';
import { endAtDeadline } from '../upstream/deadline.ts';
import { isPrepared } from '../upstream/fallback.ts';
import { listOf } from '../upstream/fields.ts';
import { UpstreamResponse } from '../upstream/response.ts';
import { hasField, without } from '../upstream/response-headers.ts';

export interface NormalizeErrorsOptions {
  /** Whether what a service says of a failure of its own stays inside. */
  edge: boolean;
  /** Where the route does not say. */
  byDefault: boolean;
  clock: Clock;
}

/** Bytes of an error that are read for what it says. */
const READ = 64 * 1024;

/** Fields of the body that is replaced: HTTP's own of a representation (RFC 9110 sections 8 and 14, RFC 9530, RFC 9111). */
const OF_THE_BODY = new Set([
  'content-type',
  'content-length',
  'content-encoding',
  'content-language',
  'content-md5',
  'content-digest',
  'repr-digest',
  'digest',
  'etag',
  'last-modified',
  'accept-ranges',
  'trailer',
  'cache-control',
  'expires',
]);

export function normalizeErrors({ edge, byDefault, clock }: NormalizeErrorsOptions): Answerer {
  return function normalizeErrors(ctx, next) {
    const asked = ctx.state.route?.config.normalizeErrors ?? byDefault;
    if (!asked) return next(ctx);
    // What the configuration has prepared is as it is meant to be.
    return next(ctx).then((response) =>
      response.status < 400 || isPrepared(response) ? response : normalized(ctx, response, edge, clock),
    );
  };
}

async function normalized(ctx: Context, response: UpstreamResponse, edge: boolean, clock: Clock): Promise<UpstreamResponse> {
  const { status, headers } = response;
  const { requestId, exchange } = ctx.state;
  const isHead = ctx.req.method === 'HEAD';
  const atEnd = exchange ? endAtDeadline(exchange, clock) : () => {};
  // The status is known: a body that is cut, or does not end, only says no more of it.
  const bytes = isHead ? undefined : await response.view(READ).catch(() => undefined);
  atEnd();
  response.discard();
  const said = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', code: 'service-error' };
  const own = { status, instance: `urn:request:${requestId}`, requestId };
  const document = written({ ...said, ...spoken(bytes, headers, edge && status >= 500), ...own });
  const body = Buffer.from(document ?? JSON.stringify({ ...said, ...own }));
  const fields = without(headers, (name) => OF_THE_BODY.has(name));
  fields.push('Content-Type', 'application/problem+json', 'Cache-Control', 'no-store');
  // Nobody knows how long the answer to a GET would be.
  if (!isHead) fields.push('Content-Length', String(body.length));
  if (!hasField(fields, 'x-content-type-options')) fields.push('X-Content-Type-Options', 'nosniff');
  return UpstreamResponse.whole(status, fields, body);
}

/** What a service said in one of the usual ways: a problem document's members, or a message. */
function spoken(bytes: Buffer | undefined, headers: readonly string[], secret: boolean): Record<string, unknown> {
  if (!bytes || secret || hasField(headers, 'content-encoding')) return {};
  const type = listOf(headers, 'content-type')?.toLowerCase() ?? '';
  if (!/^application\/(?:[^\s;,]+\+)?json\b/.test(type)) return {};
  const error = parsed(bytes);
  if (typeof error !== 'object' || error === null || Array.isArray(error)) return {};
  if (type.startsWith('application/problem+json')) return membersOf(error as Record<string, unknown>);
  const { detail, message, error_description: described, error: named } = error as Record<string, unknown>;
  const inner = typeof named === 'object' && named !== null ? (named as { message?: unknown }).message : named;
  const text = [detail, message, described, inner].find((one) => typeof one === 'string');
  return text === undefined ? {} : { detail: text };
}

/** RFC 9457 section 3.1: these are texts, and what is none is passed over. Members beyond them are the service's own. */
function membersOf(document: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(document).filter(([name, value]) => !['type', 'title', 'detail', 'code'].includes(name) || typeof value === 'string'),
  );
}

/** Undefined for what is nested deeper than can be written, although it could be read. */
function written(document: object): string | undefined {
  try {
    return JSON.stringify(document);
  } catch {
    return undefined;
  }
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
