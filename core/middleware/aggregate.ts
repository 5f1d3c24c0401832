/**
 * Answers a route that is made of parts: each is asked of its service through all its layers, and what comes becomes one JSON
 * document. Streams cannot be parts: each part is a whole JSON document of bounded size.
 */
import { cachingOf, commonCacheControl, leastFresh } from '../aggregate/cache-control.ts';
import { merged, type Piece, underNames } from '../aggregate/document.ts';
import { compileParts, haveAll, type Part, type PartResult } from '../aggregate/plan.ts';
import { isClaim, placeholders } from '../config/path-formats.ts';
import type { AggregateConfig } from '../config/schema/index.ts';
import type { Answerer, Context } from '../context.ts';
import { Problem } from '../problem.ts';
import { UpstreamResponse } from '../upstream/response.ts';
import { remove } from '../upstream/response-headers.ts';
import { isGone } from './call-service.ts';
import { type CallOptions, callerPatience } from './new-exchange.ts';
import { type AdmitsPart, type Have, PartRefused, partCalls } from './part-call.ts';

/** Each is compiled once, for as long as its configuration is there. */
const compiled = new WeakMap<AggregateConfig, readonly Part[]>();

/** @param admits who may have which part; everybody who may use the route, unless given */
export function aggregate(options: CallOptions, admits: AdmitsPart = () => true): Answerer {
  return function aggregate(ctx, next) {
    const config = ctx.state.route?.config.aggregate;
    return config === undefined ? next(ctx) : compose(ctx, config, options, admits);
  };
}

async function compose(ctx: Context, config: AggregateConfig, options: CallOptions, admits: AdmitsPart): Promise<UpstreamResponse> {
  // For a client that has its answer already it makes no difference when it leaves.
  const isLeft = () => !ctx.state.background && isGone(ctx.res);
  if (isLeft()) throw new Problem('client-closed');
  // Defaults would be an answer that nobody waits for.
  if (callerPatience(ctx, options) <= 0) throw new Problem('caller-gone');
  let parts = compiled.get(config);
  if (!parts) {
    parts = compileParts(config);
    compiled.set(config, parts);
  }
  const calls = partCalls(ctx, options, admits);
  const onClose = () => calls.cancel(new Problem('client-closed'));
  if (!ctx.state.background) ctx.res.once('close', onClose);
  try {
    const results = await haveAll<Have>(parts, calls.have);
    // With a default for every part there would be an answer, and nobody to read it.
    if (isLeft()) throw new Problem('client-closed');
    // What fails tomorrow need not be what was had today.
    if ([...results.values()].some(({ problem }) => problem)) ctx.state.makeshift = true;
    ctx.state.freshAtMost = leastFresh([...results.values()].flatMap(({ value }) => value?.caching ?? []));
    return documentOf(parts, results, config.merge);
  } catch (error) {
    // What is still under way is for nobody.
    calls.cancel(new Problem('client-closed'));
    if (error instanceof PartRefused) return refusal(error.response, parts, options.clock.epoch());
    throw error;
  } finally {
    ctx.res.off('close', onClose);
    ctx.state.outgoing?.body?.release();
  }
}

function documentOf(parts: readonly Part[], results: ReadonlyMap<string, PartResult<Have>>, merge: boolean): UpstreamResponse {
  const pieces = parts.map(({ name, config }): Piece => {
    const { value, problem } = results.get(name) ?? { problem: new Problem('internal-error') };
    const fallback = config.default === undefined ? undefined : JSON.stringify(config.default);
    return { name, text: value ? value.text : fallback, problem };
  });
  const [first] = pieces;
  if (first?.problem && pieces.every(({ text }) => text === undefined)) throw first.problem;
  const body = Buffer.from(merge ? merged(pieces) : underNames(pieces));
  const completed = pieces.every(({ problem }) => !problem);
  const had = [...results.values()].flatMap(({ value }) => value ?? []);
  const caching = completed
    ? commonCacheControl(
        had.map(({ caching }) => caching),
        isPersonal(parts),
      )
    : 'no-store';
  const vary = [...new Set(had.flatMap((part) => part.vary))];
  const fields = ['Content-Type', 'application/json', 'Content-Length', String(body.length), 'X-Postern-Completed', String(completed)];
  if (caching !== undefined) fields.push('Cache-Control', caching);
  if (vary.length > 0) fields.push('Vary', vary.join(', '));
  return UpstreamResponse.whole(200, fields, body);
}

const isPersonal = (parts: readonly Part[]): boolean => parts.some(({ config }) => placeholders(config.path).some(isClaim));

const CACHING = new Set(['cache-control', 'cdn-cache-control', 'expires', 'pragma', 'age']);

/** What the service of a part says to who asks for the whole: it does not know who else may have that. @param now milliseconds since 1970 */
function refusal(response: UpstreamResponse, parts: readonly Part[], now: number): UpstreamResponse {
  const caching = commonCacheControl([cachingOf(response.headers, now)], isPersonal(parts));
  remove(response.headers, (name) => CACHING.has(name.toLowerCase()));
  if (caching !== undefined) response.headers.push('Cache-Control', caching);
  return response;
}
