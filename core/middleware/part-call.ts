/** One part of an answer: the call to its service, and the JSON document that comes of it. */

import { isMergeable } from '../aggregate/document.ts';
import type { Part } from '../aggregate/plan.ts';
import type { Context, PartReport } from '../context.ts';
import { asProblem, Problem } from '../problem.ts';
import { cancel, type Exchange } from '../upstream/exchange.ts';
import type { UpstreamResponse } from '../upstream/response.ts';
import { fieldOf, without } from '../upstream/response-headers.ts';
import { type Asked, type CallOptions, newExchange } from './new-exchange.ts';
import { outgoingOf, serviceNamed } from './outgoing.ts';

/** A part that is there. */
export interface Have {
  /** As its service wrote it. */
  readonly text: string;
  readonly value: unknown;
  readonly cacheControl: string | undefined;
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

export interface PartCalls {
  /** @throws Problem, PartRefused */
  have(part: Part, others: ReadonlyMap<string, Have>): Promise<Have>;
  /** Gives up every call that is still under way. */
  cancel(problem: Problem): void;
}

/** What a client says of the answer it wants does not hold for the parts of it (RFC 9110 sections 8, 12.5, 13 and 14). */
const OF_THE_WHOLE = /^(?:accept|accept-encoding|te|range|if-.*|content-.*|x-gateway-.*)$/;

export function partCalls(ctx: Context, options: CallOptions): PartCalls {
  const { clock, services } = options;
  const { state } = ctx;
  const outgoing = outgoingOf(ctx, options);
  const headers = [
    ...without(outgoing.headers, (name) => OF_THE_WHOLE.test(name)),
    'accept',
    'application/json',
    'accept-encoding',
    'identity',
  ];
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
    const target = part.pathOf({ params: state.params, claims, query: outgoing.query, part: (name) => others.get(name)?.value });
    const asked: Asked = { method: 'GET', ...target, headers, body: undefined };
    const made = newExchange(ctx, service, asked, options);
    const timeLeft = Math.min(made.timeLeft - (clock.now() - startedAt), part.config.timeout ?? Number.POSITIVE_INFINITY);
    const exchange: Exchange = { ...made, interim: false, timeLeft };
    underWay.add(exchange);
    try {
      const response = await service.call(exchange);
      return await read(part, response, merge);
    } catch (error) {
      // Whose patience ended is the part's own here, unless the caller said less.
      if (error instanceof Problem && error.code === 'caller-gone') throw new Problem('deadline-exceeded', { cause: error });
      throw error;
    } finally {
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

async function read({ name, config }: Part, response: UpstreamResponse, merge: boolean): Promise<Have> {
  const { status } = response;
  if (config.required && status >= 400 && status < 500) throw new PartRefused(response);
  const refuse = (why: string): never => {
    response.discard();
    throw new Problem('part-unavailable', { detail: `Part ${name}: ${why}.` });
  };
  if (status < 200 || status > 299) refuse(`its service answered with ${status}`);
  const field = (wanted: string) => fieldOf(response.headers, wanted);
  const type = field('content-type');
  const bodiless = status === 204 || status === 205;
  if (!bodiless && !/^application\/(?:[^\s;,]+\+)?json\s*(?:;|$)/i.test(type ?? '')) refuse(`it is ${type ?? 'of no type'}, not JSON`);
  if (field('content-encoding') !== undefined) refuse('it is encoded, which nobody asked for');
  const text = bodiless ? 'null' : String(await response.collect(config.limit));
  const value = parsed(text);
  if (value === undefined || (merge && !isMergeable(value))) refuse(merge ? 'it is no JSON object' : 'it is no JSON');
  const vary = (field('vary') ?? '').split(',').flatMap((item) => item.trim() || []);
  return { text, value, cacheControl: field('cache-control'), vary };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
