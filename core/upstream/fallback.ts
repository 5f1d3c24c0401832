/** What answers in place of a service that cannot: a prepared answer, or another service (Hystrix's fallback). */
import type { FallbackConfig } from '../config/schema/index.ts';
import { Problem } from '../problem.ts';
import { UpstreamResponse } from './response.ts';

/** Statuses by which a service, or what stands before it, says that it cannot answer. */
const UNAVAILABLE = new Set([502, 503, 504]);

/** Whether the service could not answer. What the client did wrong, or a 500 of the service's own, is an answer. */
export function cannotAnswer(came: UpstreamResponse | Problem): boolean {
  return came instanceof Problem ? came.failure.source !== 'client' && came.code !== 'internal-error' : UNAVAILABLE.has(came.status);
}

/** The answer that a configuration has prepared; text as it is, anything else as JSON. */
export function preparedAnswer({ status = 200, headers = {}, body }: FallbackConfig): UpstreamResponse {
  const isText = typeof body === 'string';
  const bytes = body === undefined ? undefined : Buffer.from(isText ? body : JSON.stringify(body));
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const fields = Object.entries(headers).flat();
  if (bytes && !names.has('content-type')) fields.push('Content-Type', isText ? 'text/plain; charset=utf-8' : 'application/json');
  fields.push('Content-Length', String(bytes?.length ?? 0));
  const response = new UpstreamResponse(status, '', fields, { pause() {}, resume() {}, abort() {} });
  if (bytes) response.receive(bytes);
  response.complete([]);
  return response;
}
