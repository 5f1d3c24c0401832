/** `GET /requests` and `GET /requests/{id}`: the requests that were refused or failed lately, and what became of each. */
import { setImmediate } from 'node:timers/promises';
import type { Context } from 'koa';
import type { Explanation } from '../explain/explanation.ts';
import { type DescribedRequest, headersOf } from '../explain/request.ts';
import { nameOf, type RecentRequest, type RecentRequests } from '../middleware/recent-requests.ts';
import type { ProblemCode } from '../problem.ts';
import { AdminProblem } from './problem.ts';

const MOST = 1_000;
const USUAL = 50;
/** Of an id. Clients choose theirs, so that a thousand may have the same. */
const EXPLAINED = 10;
const UNEXPLAINED = { explanation: null, note: `Only the newest ${EXPLAINED} of an id are explained.` };

/**
 * Newest first, and how many were passed over since the gateway runs, for too many of their kind came in one second; `?route=`, `?code=` (of the problem, or a status), `?user=` or `?caller=`, `?limit=`.
 */
export function listRequests(recent: RecentRequests): (ctx: Context) => void {
  return function listRequests(ctx) {
    const one = (name: string) => [ctx.query[name]].flat().at(-1);
    const asked = one('limit') ?? String(USUAL);
    const limit = Number(asked);
    if (!/^[0-9]{1,4}$/.test(asked) || limit < 1 || limit > MOST)
      throw new AdminProblem('bad-request', { detail: `limit is a number from 1 to ${MOST}` });
    const found = recent.list({ route: one('route'), code: one('code'), by: one('user') ?? one('caller'), limit });
    ctx.body = { requests: found.map(shortOf), passedOver: recent.passedOver };
  };
}

export interface TellParts {
  readonly recent: RecentRequests;
  /** The revision in force. */
  revision(): string;
  explain(request: DescribedRequest): Promise<Explanation>;
}

/** All of that id, the newest first, the newest of them with what every step decides; 404 as a problem document for none. */
export function tellRequest({ recent, revision, explain }: TellParts): (ctx: Context) => Promise<void> {
  return async function tellRequest(ctx) {
    const { id } = ctx['params'] as { id: string };
    const found = recent.find(id);
    if (found.length === 0)
      throw new AdminProblem('not-found', {
        detail:
          'No request of this id was refused or failed lately: it went well, it is forgotten by now, or too many of its kind came in one second.',
      });
    const requests: object[] = [];
    for (const request of found) {
      requests.push({ ...wholeOf(request), ...(requests.length < EXPLAINED ? await story(request) : UNEXPLAINED) });
      // Traffic goes on meanwhile.
      await setImmediate();
    }
    ctx.body = { requests };
  };

  async function story(request: RecentRequest): Promise<{ explanation: Explanation | null; note?: string }> {
    if (request.revision !== revision())
      return {
        explanation: null,
        note: `The configuration has changed since: it was answered under ${request.revision}, in force is ${revision()}.`,
      };
    const explanation = await explain(describedAgain(request));
    const note = noteOn(request, explanation);
    return note === undefined ? { explanation } : { explanation, note };
  }
}

function describedAgain({ method, target, host: known, scheme, headers: kept, peer, principal }: RecentRequest): DescribedRequest {
  const fields = headersOf(kept);
  // HTTP/2 has none; of a trusted proxy it is not the client's.
  const host = fields.host ?? known;
  const rawHeaders = fields.host === undefined && host !== '' ? ['Host', host, ...kept] : kept;
  const headers = host === '' ? fields : { ...fields, host };
  return { method, target, host, scheme, headers, rawHeaders, from: peer, principal };
}

/** Of these a step decides before a service is called. */
const DECIDED: ReadonlySet<string | undefined> = new Set<ProblemCode>([
  'bad-request',
  'ambiguous-target',
  'invalid-host',
  'target-too-long',
  'headers-too-large',
  'not-implemented',
  'loop',
  'no-route',
  'no-operation',
  'method-not-allowed',
  'unauthenticated',
  'invalid-token',
  'insufficient-scope',
  'forbidden',
  'unknown-caller',
  'rate-limited',
  'overloaded',
  'circuit-open',
  'concurrency-limited',
  'no-endpoint',
  'contract-violated',
  'not-stored',
]);

/** The explanation is of now, and of what was kept: where that is another story, it is said. */
function noteOn({ code, status, leftOut }: RecentRequest, { code: explained, allowed }: Explanation): string | undefined {
  if (code === undefined ? allowed : explained === code || (allowed && !DECIDED.has(code))) return undefined;
  const left = leftOut.length === 0 ? '' : `, and not all of the request was kept (${leftOut.join(', ')})`;
  return `It was answered with ${code ?? status}; the explanation is of now: services and quotas may have changed since${left}.`;
}

const byOf = ({ principal }: RecentRequest): object => {
  const name = nameOf(principal);
  return name === undefined ? {} : { [principal?.kind ?? '']: name };
};

function shortOf(request: RecentRequest): object {
  const { id, at, method, target, host, client, route, service, status, code, durationMs } = request;
  return { id, at: new Date(at).toISOString(), method, target, host, client, ...byOf(request), route, service, status, code, durationMs };
}

function wholeOf(request: RecentRequest): object {
  const { principal: _, headers, ...rest } = request;
  const fields: [string, string][] = headers.flatMap((name, at) =>
    at % 2 === 0 ? [[name, headers[at + 1] ?? ''] as [string, string]] : [],
  );
  return { ...rest, at: new Date(request.at).toISOString(), ...byOf(request), headers: fields };
}
