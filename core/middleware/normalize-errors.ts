/** One shape of errors, whatever services send: their 4xx and 5xx become problem documents as the gateway's own are (RFC 9457). */
import { STATUS_CODES } from 'node:http';
import type { Answerer, Context } from '../context.ts';
import { UpstreamResponse } from '../upstream/response.ts';
import { fieldOf, hasField, without } from '../upstream/response-headers.ts';

export interface NormalizeErrorsOptions {
  /** Whether what a service says of a failure of its own stays inside. */
  edge: boolean;
  /** Where the route does not say. */
  byDefault: boolean;
}

/** Bytes of an error that are read for what it says. */
const READ = 64 * 1024;

/** Fields of the body that is replaced; HTTP's own of an answer (RFC 9110 section 8) and of its digests. */
const OF_THE_BODY = /^(?:content-.*|transfer-encoding|etag|last-modified|accept-ranges|digest|repr-digest|trailer|cache-control|expires)$/;

export function normalizeErrors({ edge, byDefault }: NormalizeErrorsOptions): Answerer {
  return function normalizeErrors(ctx, next) {
    const asked = ctx.state.route?.config.normalizeErrors ?? byDefault;
    if (!asked) return next(ctx);
    return next(ctx).then((response) => (response.status < 400 ? response : normalized(ctx, response, edge)));
  };
}

async function normalized(ctx: Context, response: UpstreamResponse, edge: boolean): Promise<UpstreamResponse> {
  const { status, headers } = response;
  const bytes = ctx.req.method === 'HEAD' ? undefined : await response.view(READ);
  response.discard();
  const said = spoken(bytes, headers, edge && status >= 500);
  const { requestId } = ctx.state;
  const title = STATUS_CODES[status] ?? 'Error';
  const body = Buffer.from(
    JSON.stringify({ type: 'about:blank', title, ...said, status, instance: `urn:request:${requestId}`, code: 'service-error', requestId }),
  );
  const fields = without(headers, (name) => OF_THE_BODY.test(name));
  fields.push('Content-Type', 'application/problem+json', 'Content-Length', String(body.length), 'Cache-Control', 'no-store');
  if (!hasField(fields, 'x-content-type-options')) fields.push('X-Content-Type-Options', 'nosniff');
  return UpstreamResponse.whole(status, fields, body);
}

/** What a service said in one of the usual ways: a problem document's members, or a message. */
function spoken(bytes: Buffer | undefined, headers: readonly string[], secret: boolean): Record<string, unknown> {
  if (!bytes || secret || hasField(headers, 'content-encoding')) return {};
  const type = fieldOf(headers, 'content-type')?.toLowerCase() ?? '';
  if (!/^application\/(?:[^\s;,]+\+)?json\b/.test(type)) return {};
  const error = parsed(bytes);
  if (typeof error !== 'object' || error === null || Array.isArray(error)) return {};
  if (type.startsWith('application/problem+json')) return error as Record<string, unknown>;
  const { detail, message, error_description: described, error: named } = error as Record<string, unknown>;
  const text = [detail, message, described, named, (named as { message?: unknown } | undefined)?.message].find(
    (one) => typeof one === 'string',
  );
  return text === undefined ? {} : { detail: text };
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
