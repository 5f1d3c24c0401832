/**
 * What becomes of a request, as far as a configuration and the request alone tell. Each gateway brings its steps in the order
 * of its pipeline, made of the same rules (its explain.ts); nothing is sent.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { Problem } from '../problem.ts';
import type { FoundRoute, RouteQuery } from '../routing/route.ts';

/** A request as it is described, and as node would hand it over. */
export interface DescribedRequest {
  readonly method: string;
  /** As it would stand in the request line. */
  readonly target: string;
  /** As the Host field would have it. */
  readonly host: string;
  /** Undefined where only a path was given. */
  readonly scheme: 'http' | 'https' | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
}

/** What the steps have found out so far. */
export interface Findings {
  readonly request: DescribedRequest;
  query?: RouteQuery;
  match?: FoundRoute;
}

/** What a step says: why the request passes it, or what it decides, and whether that is what the client wanted. */
export type Verdict = { readonly passes: string } | { readonly decides: string; readonly allowed: boolean };

export interface Step {
  readonly step: string;
  /** Undefined where the step has nothing to do with the request. @throws Problem when it refuses */
  look(findings: Findings): Verdict | undefined;
}

export interface Decision {
  /** In the order of the pipeline; the last one decides. */
  readonly steps: readonly { readonly step: string; readonly says: string }[];
  readonly allowed: boolean;
  readonly query: RouteQuery | undefined;
  readonly match: FoundRoute | undefined;
}

/** Goes down the steps to the one that decides. */
export function decide(steps: readonly Step[], request: DescribedRequest): Decision {
  const findings: Findings = { request };
  const said: { step: string; says: string }[] = [];
  let allowed = false;
  for (const { step, look } of steps) {
    const verdict = verdictOf(look, findings);
    if (verdict === undefined) continue;
    const decides = 'decides' in verdict;
    said.push({ step, says: decides ? verdict.decides : verdict.passes });
    if (!decides) continue;
    allowed = verdict.allowed;
    break;
  }
  return { steps: said, allowed, query: findings.query, match: findings.match };
}

function verdictOf(look: Step['look'], findings: Findings): Verdict | undefined {
  try {
    return look(findings);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    return { decides: refusal(problem), allowed: false };
  }
}

/** `401 invalid-token: the request carries different tokens`. The cause is told: whoever explains has the configuration. */
function refusal({ code, failure, options: { detail, cause } }: Problem): string {
  const why = detail ?? (cause instanceof Error ? cause.message : undefined) ?? failure.title;
  return `${failure.status} ${code}: ${why}`;
}
