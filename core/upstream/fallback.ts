/** What answers in place of a service that cannot: a prepared answer, or another service (Hystrix's fallback). */
import type { FallbackConfig } from '../config/schema/index.ts';
import { bodiless } from '../config/schema/routes.ts';
import { Problem } from '../problem.ts';
import { UpstreamResponse } from './response.ts';

/** Statuses by which a service, or what stands before it, says that it cannot answer. */
const UNAVAILABLE = new Set([502, 503, 504]);

/** Whether the service could not answer. What the client did wrong, or a 500 of the service's own, is an answer. */
export function cannotAnswer(came: UpstreamResponse | Problem): boolean {
  return came instanceof Problem ? came.failure.source !== 'client' && came.code !== 'internal-error' : UNAVAILABLE.has(came.status);
}

interface Prepared {
  readonly status: number;
  readonly fields: readonly string[];
  readonly bytes: Buffer | undefined;
}

/** Each is made once: it is needed most when there is most to do. */
const prepared = new WeakMap<FallbackConfig, Prepared>();

const answers = new WeakSet<UpstreamResponse>();

/** Whether an answer is one that the configuration has prepared. */
export const isPrepared = (response: UpstreamResponse): boolean => answers.has(response);

/** The answer that a configuration has prepared; text as it is, anything else as JSON. */
export function preparedAnswer(config: FallbackConfig): UpstreamResponse {
  let answer = prepared.get(config);
  if (!answer) {
    answer = prepare(config);
    prepared.set(config, answer);
  }
  const { status, fields, bytes } = answer;
  const response = UpstreamResponse.whole(status, [...fields], bytes);
  answers.add(response);
  return response;
}

function prepare({ status = 200, headers = {}, body }: FallbackConfig): Prepared {
  const fields = Object.entries(headers).flat();
  if (bodiless.has(status)) return { status, fields, bytes: undefined };
  const isText = typeof body === 'string';
  const bytes = body === undefined ? undefined : Buffer.from(isText ? body : JSON.stringify(body));
  const typed = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  if (bytes && !typed) fields.push('Content-Type', isText ? 'text/plain; charset=utf-8' : 'application/json');
  fields.push('Content-Length', String(bytes?.length ?? 0));
  return { status, fields, bytes };
}
