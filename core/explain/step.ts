/**
 * What becomes of a request. Each gateway brings its steps in the order of its pipeline, and wherever a step only looks and
 * counts nothing, it is the pipeline's own (its explain.ts); nothing is sent.
 */
import type { Context, Middleware } from '../context.ts';
import type { Quota } from '../middleware/rate-limit.ts';
import { Problem, type ProblemCode } from '../problem.ts';
import type { FoundRoute, RouteQuery } from '../routing/route.ts';
import type { Placement } from '../upstream/placement.ts';
import { contextOf } from './context.ts';
import type { DescribedRequest } from './request.ts';

/** What the steps have found out so far. */
export interface Findings {
  readonly request: DescribedRequest;
  /** As the pipeline would carry it. */
  readonly ctx: Context;
  /** Whether it is known who asks: a token is not looked into, and not every description has an address. */
  knowsPrincipal: boolean;
  query?: RouteQuery;
  match?: FoundRoute;
  quota?: Quota & { readonly left?: number; readonly resetMs?: number };
  /** The one that would be asked, unless the answer is made of parts. */
  service?: string;
  /** The path that it would be asked for, with the query. */
  path?: string;
  parts?: readonly ExplainedPart[];
  placement?: Placement;
}

export interface ExplainedPart {
  readonly name: string;
  readonly service: string;
  /** As it is written in the configuration where it depends on what is not known here. */
  readonly path: string;
  readonly required: boolean;
  /** Whether who asks may have it; undefined where that is not known here. */
  readonly admitted: boolean | undefined;
}

/** What a step says: why the request passes it, or what it decides, and whether that is what the client wanted. */
export type Verdict =
  | { readonly passes: string }
  /** Without a status, the service is to say. */
  | { readonly decides: string; readonly allowed: boolean; readonly status?: number; readonly code?: ProblemCode };

export interface Step {
  /** As in the pipeline. */
  readonly step: string;
  /** Undefined where the step has nothing to do with the request. @throws Problem when it refuses */
  look(findings: Findings): Verdict | undefined | Promise<Verdict | undefined>;
}

export interface Decision {
  /** In the order of the pipeline; the last one decides. */
  readonly steps: readonly { readonly step: string; readonly says: string }[];
  readonly allowed: boolean;
  readonly status: number | undefined;
  readonly code: ProblemCode | undefined;
  readonly findings: Findings;
}

/** A step that only looks, as the pipeline has it. @param says what is to be told when the request has passed */
export function runs(step: string, middleware: Middleware, says: (findings: Findings) => string | undefined = () => undefined): Step {
  return {
    step,
    async look(findings) {
      await middleware(findings.ctx, () => Promise.resolve());
      const said = says(findings);
      return said === undefined ? undefined : { passes: said };
    },
  };
}

/** Goes down the steps to the one that decides. @param tls whether the gateway speaks it, where the description does not say */
export async function decide(steps: readonly Step[], request: DescribedRequest, tls = false): Promise<Decision> {
  const findings: Findings = { request, ctx: contextOf(request, tls), knowsPrincipal: false };
  const said: { step: string; says: string }[] = [];
  for (const { step, look } of steps) {
    const verdict = await verdictOf(look, findings);
    if (verdict === undefined) continue;
    const decides = 'decides' in verdict;
    said.push({ step, says: decides ? verdict.decides : verdict.passes });
    if (decides) return { steps: said, allowed: verdict.allowed, status: verdict.status, code: verdict.code, findings };
  }
  return { steps: said, allowed: false, status: undefined, code: undefined, findings };
}

async function verdictOf(look: Step['look'], findings: Findings): Promise<Verdict | undefined> {
  try {
    return await look(findings);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    return refusal(problem);
  }
}

/** `401 invalid-token: the request carries different tokens`. The cause is told: whoever explains has the configuration. */
export function refusal(problem: Problem, words?: string): Verdict {
  const { code, failure, status, options } = problem;
  const { detail, cause } = options;
  const why = words ?? detail ?? (cause instanceof Error ? cause.message : undefined) ?? failure.title;
  return { decides: `${status} ${code}: ${why}`, allowed: false, status, code };
}

/** The route found: for the steps behind `matchRoute`. */
export function matchOf({ match }: Findings): FoundRoute {
  if (match === undefined) throw new Error('a step that needs a route stands before matchRoute');
  return match;
}
