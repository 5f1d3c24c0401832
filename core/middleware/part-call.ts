/** One part of an answer: the call to its service, and the JSON document that comes of it. */
import { isUtf8 } from 'node:buffer';
import { cachingOf, type PartCaching } from '../aggregate/cache-control.ts';
import { membersOf } from '../aggregate/json-text.ts';
import type { Part } from '../aggregate/plan.ts';
import type { Context, PartReport } from '../context.ts';
import { asProblem, Problem } from '../problem.ts';
import { endAtDeadline } from '../upstream/deadline.ts';
import { cancel, type Exchange } from '../upstream/exchange.ts';
import { listOf } from '../upstream/fields.ts';
import { UpstreamResponse } from '../upstream/response.ts';
import { without } from '../upstream/response-headers.ts';
import type { Service } from '../upstream/service.ts';
import { type Asked, type CallOptions, newExchange } from './new-exchange.ts';
import { outgoingOf, serviceNamed } from './outgoing.ts';
import { countFailure } from './respond.ts';

/** A part that is there. */
export interface Have {
  /** JSON, as its service wrote it. */
  readonly text: string;
  readonly caching: PartCaching;
  readonly vary: readonly string[];
}

/** A required part whose service says that the client asked wrongly: its answer is the answer. */
export class PartRefused extends Error {
  readonly response: UpstreamResponse;

  constructor(response: UpstreamResponse) {
    super('A required part was refused');
    this.response = response;
  }
}

/** Whether who asks may have a part of this service; the path is the one it will be asked for. */
export type AdmitsPart = (
  ctx: Context,
  service: Pick<Service, 'name'>,
  target: { readonly path: string; readonly query: string },
) => boolean;

export function notAdmitted({ name }: Pick<Service, 'name'>, { path }: { readonly path: string }): Problem {
  return new Problem('forbidden', { detail: `No route lets this caller have ${path} of ${name}.` });
}

export interface PartCalls {
  /** @throws Problem, PartRefused */
  have(part: Part, others: ReadonlyMap<string, Have>): Promise<Have>;
  /** Gives up every call that is still under way. */
  cancel(problem: Problem): void;
}

/** What a client says of the answer it wants does not hold for the parts of it (RFC 9110 sections 8, 12.5, 13 and 14). */
const OF_THE_WHOLE = /^(?:accept|accept-encoding|te|range|if-.*|content-.*)$/;

export function partCalls(ctx: Context, options: CallOptions, admits: AdmitsPart): PartCalls {
  const { clock, services } = options;
  const { state } = ctx;
  const outgoing = outgoingOf(ctx, options);
  const kept = without(outgoing.headers, (name) => OF_THE_WHOLE.test(name));
  const headers = [...kept, 'accept', 'application/json', 'accept-encoding', 'identity'];
  const merge = state.route?.config.aggregate?.merge === true;
  const startedAt = clock.now();
  const underWay = new Set<Exchange>();
  let cancelled: Problem | undefined;
  const reports: PartReport[] = [];
  state.parts = reports;

  const call = async (part: Part, others: ReadonlyMap<string, Have>): Promise<Have> => {
    if (cancelled) throw cancelled;
    const service = serviceNamed(services, part.config.service);
    const claims = state.principal.kind === 'user' ? state.principal.claims : {};
    const target = part.pathOf({ params: state.params, claims, query: outgoing.query, part: (name) => others.get(name)?.text });
    if (!admits(ctx, service, target)) throw notAdmitted(service, target);
    const asked: Asked = { method: 'GET', ...target, headers, body: undefined };
    const made = newExchange(ctx, service, asked, options);
    const timeLeft = made.timeLeft - (clock.now() - startedAt);
    const exchange: Exchange = { ...made, interim: false, timeLeft, within: part.config.timeout };
    underWay.add(exchange);
    let atEnd: (() => void) | undefined;
    try {
      const response = await service.call(exchange);
      atEnd = endAtDeadline(exchange, clock);
      return await read(part, response, { merge, isHead: outgoing.method === 'HEAD', now: clock.epoch() });
    } catch (error) {
      // The one that the answer is about, and not one that was well: its time is no other part's either.
      if (part.config.required) state.exchange ??= exchange;
      if (!(error instanceof PartRefused)) countFailure(ctx, service, asProblem(error), clock.now());
      throw error;
    } finally {
      atEnd?.();
      underWay.delete(exchange);
    }
  };

  return {
    async have(part, others) {
      const since = clock.now();
      const report = (outcome: string) => reports.push({ name: part.name, outcome, milliseconds: clock.now() - since });
      try {
        const had = await call(part, others);
        report('success');
        return had;
      } catch (error) {
        report(error instanceof PartRefused ? String(error.response.status) : asProblem(error).code);
        throw error;
      }
    },
    cancel(problem) {
      cancelled = problem;
      for (const exchange of underWay) cancel(exchange, problem);
    },
  };
}

interface Reading {
  readonly merge: boolean;
  /** Whether nobody is sent a body. */
  readonly isHead: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

async function read({ name, config }: Part, response: UpstreamResponse, { merge, isHead, now }: Reading): Promise<Have> {
  const { status, headers } = response;
  if (config.required && status >= 400 && status < 500) throw new PartRefused(isHead ? headOf(response) : response);
  const refuse = (why: string): never => {
    response.discard();
    throw new Problem('part-unavailable', { detail: `Part ${name}: ${why}.` });
  };
  // A part of a part is none: no range was asked for.
  if (status < 200 || status > 299 || status === 206) refuse(`its service answered with ${status}`);
  const bodiless = status === 204 || status === 205;
  const wrong = bodiless ? undefined : unreadable(headers);
  if (wrong !== undefined) refuse(wrong);
  if (bodiless) response.discard();
  const text = bodiless ? 'null' : textOf(await response.collect(config.limit), refuse);
  if (merge && membersOf(text) === undefined) refuse('it is no JSON object');
  const vary = (listOf(headers, 'vary') ?? '').split(',').flatMap((item) => item.trim() || []);
  return { text, caching: cachingOf(headers, now), vary };
}

/** What is said of an answer whose body nobody is sent. */
function headOf(response: UpstreamResponse): UpstreamResponse {
  response.discard();
  return UpstreamResponse.whole(response.status, response.headers);
}

const JSON_TYPE = /^application\/(?:[^\s;,]+\+)?json\s*(?:;|$)/i;

/** Why a body is no JSON document, before it is read: one that streams for ever need not be waited for. */
function unreadable(headers: readonly string[]): string | undefined {
  const type = listOf(headers, 'content-type') ?? '';
  const encoding = listOf(headers, 'content-encoding') ?? 'identity';
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type)?.[1] ?? 'utf-8';
  if (!JSON_TYPE.test(type)) return `it is ${type || 'of no type'}, not JSON`;
  if (encoding.toLowerCase() !== 'identity') return 'it is encoded, which nobody asked for';
  return /^utf-?8$/i.test(charset) ? undefined : 'it is not in UTF-8';
}

function textOf(bytes: Buffer, refuse: (why: string) => never): string {
  if (!isUtf8(bytes)) refuse('it is not in UTF-8');
  // RFC 8259 section 8.1: it may be ignored.
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  try {
    JSON.parse(text);
  } catch {
    refuse('it is no JSON');
  }
  return text;
}
