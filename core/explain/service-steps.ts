/** The steps below `respond` that both gateways have: from the filters to the call. */
import { compileParts, type Part } from '../aggregate/plan.ts';
import type { FallbackConfig, Priority } from '../config/schema/index.ts';
import { describeServices } from '../config/service-references.ts';
import { chooseService } from '../middleware/choose-service.ts';
import { attemptsOfCaller, callerPatience, factsOf } from '../middleware/new-exchange.ts';
import { outgoingHead } from '../middleware/outgoing.ts';
import { type AdmitsPart, notAdmitted } from '../middleware/part-call.ts';
import { Problem } from '../problem.ts';
import { affinityOf } from '../upstream/affinity.ts';
import { hasBody } from '../upstream/has-body.ts';
import type { Placement } from '../upstream/placement.ts';
import { mayRepeat } from '../upstream/retry.ts';
import type { Service } from '../upstream/service.ts';
import { configuredPlacement } from './configured-placement.ts';
import type { ExplainParts, Live } from './parts.ts';
import { type ExplainedPart, type Findings, matchOf, type Step, type Verdict } from './step.ts';

export function normalizeErrors(byDefault: boolean): Step {
  return {
    step: 'normalizeErrors',
    look: (findings) =>
      (matchOf(findings).route.config.normalizeErrors ?? byDefault)
        ? { passes: 'errors of the service become problem documents' }
        : undefined,
  };
}

/** Which service, and what it would be asked: where the pipeline first wants to know. Says nothing by itself. */
export function outgoing({ name, section, live }: ExplainParts): Step {
  return {
    step: 'outgoing',
    look(findings) {
      const { ctx } = findings;
      const { route, params } = matchOf(findings);
      let drawn = false;
      const service = chooseService(ctx, route.config, () => {
        drawn = true;
        return Math.random();
      });
      // Which one by lot gets it, only the lot decides, unless one has all of it.
      const lots = new Set(route.config.split?.flatMap((branch) => (branch.weight > 0 ? [branch.service] : [])));
      if (service !== undefined && (!drawn || lots.size === 1)) findings.service = service;
      const query = ctx.state.target.query === '' ? '' : `?${ctx.state.target.query}`;
      if (findings.knowsPrincipal) {
        const head = outgoingHead(ctx, { name, edge: section === 'public' });
        // Of a body nothing is known but whether there is one.
        ctx.state.outgoing = { service: live?.services.get(findings.service ?? ''), ...head, body: undefined };
        findings.path = `${head.path}${query}`;
      } else
        findings.path = `${writtenPath(
          () => route.rewrite(ctx.state.target.path, params, {}),
          route.config.rewrite?.path ?? ctx.state.target.path,
        )}${query}`;
      return undefined;
    },
  };
}

/** With claims, which only a token has, as it is written. */
function writtenPath(rewritten: () => string, written: string): string {
  try {
    return rewritten();
  } catch {
    return written;
  }
}

export function aggregate({ section }: ExplainParts, admits: AdmitsPart = () => true): Step {
  const edge = section === 'public';
  return {
    step: 'aggregate',
    look(findings) {
      const { aggregate: config } = matchOf(findings).route.config;
      if (config === undefined) return undefined;
      if (callerPatience(findings.ctx, { edge }) <= 0) throw new Problem('caller-gone');
      findings.parts = compileParts(config).map((part) => explained(part, findings, admits));
      const missing = findings.parts.find(({ required, admitted }) => required && admitted === false);
      if (missing) throw notAdmitted({ name: missing.service }, { path: missing.path });
      return { decides: `one answer made of ${partsOf(findings.parts)}`, allowed: true };
    },
  };
}

function explained({ name, config, pathOf }: Part, findings: Findings, admits: AdmitsPart): ExplainedPart {
  const { ctx, knowsPrincipal } = findings;
  const { params, principal, target } = ctx.state;
  const base = { name, service: config.service, required: config.required };
  try {
    const claims = principal.kind === 'user' ? principal.claims : {};
    const asked = pathOf({ params, claims, query: target.query, part: () => undefined });
    const path = asked.query === '' ? asked.path : `${asked.path}?${asked.query}`;
    return { ...base, path, admitted: knowsPrincipal ? admits(ctx, { name: config.service }, asked) : undefined };
  } catch {
    // It is made of what is not known here: another part, or a claim.
    return { ...base, path: config.path, admitted: undefined };
  }
}

const partsOf = (parts: readonly ExplainedPart[]): string =>
  parts
    .map(
      ({ name, service, path, admitted }) =>
        `${name} (${path} of ${service}${admitted === false ? ', which this caller may not have' : ''})`,
    )
    .join(', ');

/** How long all tries together may take, where the caller waits less, and which are made again. */
export function tries({ loaded: { config }, section }: ExplainParts): readonly Step[] {
  const edge = section === 'public';
  const settingsOf = ({ service }: Findings) => (service === undefined ? undefined : config.services[service]);
  return [
    {
      step: 'deadline',
      look(findings) {
        const patience = callerPatience(findings.ctx, { edge });
        // As the layer above all tries does (upstream/deadline.ts).
        if (patience <= 0) throw new Problem('caller-gone');
        const own = settingsOf(findings)?.timeouts.request;
        if (own === undefined || patience >= own) return undefined;
        return { passes: `${patience} ms for all tries, for the caller waits no longer` };
      },
    },
    {
      step: 'retry',
      look(findings) {
        const { attempts = 0, on, methods } = settingsOf(findings)?.retry ?? {};
        if (attempts === 0 || !on) return undefined;
        const method = findings.ctx.state.outgoing?.method ?? findings.request.method;
        const attemptsAbove = attemptsOfCaller(findings.ctx, { edge });
        const reasons = on.filter((reason) => reason === 'connect' || mayRepeat(new Set<string>(methods), { method, attemptsAbove }));
        const left =
          reasons.length === on.length
            ? ''
            : attemptsAbove === undefined
              ? `, for it is a ${method}`
              : ', for the gateway before tries again';
        return {
          passes: reasons.length === 0 ? `never${left}` : `at most ${attempts} more, on ${reasons.join(', ')}${left && ' alone'}${left}`,
        };
      },
    },
  ];
}

export function forward({ loaded: { config }, live, clock }: ExplainParts): Step {
  return {
    step: 'forward',
    look(findings) {
      const { config: route } = matchOf(findings).route;
      const { service, path = '' } = findings;
      if (service === undefined) return { decides: `to the service ${describeServices(route)} as ${path}`, allowed: true };
      const settings = config.services[service];
      if (settings) {
        const facts = factsOf(findings.ctx);
        const affinity = affinityOf(settings);
        const placed = { method: findings.request.method, hashKey: affinity.hashKey(facts) || undefined, stuckTo: affinity.stuckTo(facts) };
        findings.placement = live?.services.get(service)?.placement(placed) ?? configuredPlacement(settings, placed, clock.now());
      }
      const called = live?.services.get(service);
      const refused = called && refusalOf(called, route.priority, findings.placement);
      if (!refused) return { decides: `to the service ${service} as ${path}`, allowed: true };
      return route.fallback ? insteadOf(refused, route.fallback, findings, live) : throwing(refused);
    },
  };
}

function refusalOf(service: Service, priority: Priority, placement?: Placement): Problem | undefined {
  if (!service.admits()) return new Problem('circuit-open', { detail: `the circuit breaker of ${service.name} is open` });
  const { inFlight, limit, queued } = service.view.concurrency;
  const { queue } = service.view.settings;
  // Who waits makes way for a higher priority: only the lowest is sure to be turned away.
  if (inFlight >= limit && (queue === 0 || (queued >= queue && priority === 'background')))
    return new Problem('concurrency-limited', { detail: `${service.name} has ${inFlight} of ${limit} requests under way` });
  if (placement?.endpoints.length === 0) return new Problem('no-endpoint', { detail: `${service.name} has no endpoint` });
  return undefined;
}

function throwing(problem: Problem): never {
  throw problem;
}

/** As forward does when a service cannot answer (middleware/forward.ts). */
function insteadOf({ code }: Problem, fallback: FallbackConfig, findings: Findings, live: Live | undefined): Verdict {
  if (fallback.service === undefined) {
    const status = fallback.status ?? 200;
    return { decides: `${status}, the answer that is prepared, for ${code}`, allowed: true, status };
  }
  if (hasBody(findings.ctx.req)) return { decides: `to the service ${fallback.service}, for ${code}, if the body is kept`, allowed: true };
  const other = live?.services.get(fallback.service);
  const refused = other && refusalOf(other, matchOf(findings).route.config.priority);
  if (refused) throw refused;
  findings.service = fallback.service;
  return { decides: `to the service ${fallback.service} as ${findings.path}, for ${code}`, allowed: true };
}
