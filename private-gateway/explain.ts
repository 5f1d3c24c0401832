/** What becomes of a request at the private gateway, in the order of pipeline.ts and by its steps. */
import type { CallerConfig } from '../core/config/schema/index.ts';
import { cache } from '../core/explain/cache-step.ts';
import { filters } from '../core/explain/filters.ts';
import type { ExplainParts } from '../core/explain/parts.ts';
import { aggregate, forward, normalizeErrors, outgoing, tries } from '../core/explain/service-steps.ts';
import { entry, matchRoute, openapi, overload, rateLimit } from '../core/explain/shared-steps.ts';
import { matchOf, runs, type Step } from '../core/explain/step.ts';
import { validateRequest } from '../core/explain/validate-step.ts';
import { describePrivate } from '../core/routing/exposure.ts';
import { acl as aclStep } from './acl.ts';
import { admitsPart } from './admits-part.ts';
import { identifyCaller as identifyCallerStep } from './identify-caller.ts';
import { quotaRule } from './quota.ts';

export function explain(parts: ExplainParts): readonly Step[] {
  const { table, live, loaded } = parts;
  const settings = loaded.config.private;
  return [
    ...entry(settings),
    identifyCaller(settings.callers),
    ...openapi(settings.openapi),
    matchRoute(table, { preflights: false }),
    ...overload(live?.pressure),
    acl,
    rateLimit({
      rule: quotaRule(settings),
      counted: 'each caller',
      ownRates: ({ expose }) =>
        (expose.private?.callers ?? []).flatMap((name) => {
          const rate = settings.callers[name]?.rateLimit;
          return rate === undefined ? [] : [[name, rate] as const];
        }),
      limiters: live?.limiters,
    }),
    outgoing(parts),
    filters(parts, settings),
    normalizeErrors(settings.normalizeErrors),
    validateRequest(parts),
    cache(parts),
    aggregate(parts, admitsPart(table)),
    ...tries(parts),
    forward(parts),
  ];
}

/** Who calls is told by an address and a certificate, which not every description of a request has. */
function identifyCaller(callers: Readonly<Record<string, CallerConfig>>): Step {
  const names = Object.keys(callers);
  const { look } = runs('identifyCaller', identifyCallerStep(callers), ({ ctx: { state } }) =>
    state.principal.kind === 'caller' ? state.principal.name : undefined,
  );
  return {
    step: 'identifyCaller',
    look(findings) {
      const { request, ctx } = findings;
      if (names.length === 0)
        return { decides: '403 unknown-caller: no caller is configured', allowed: false, status: 403, code: 'unknown-caller' };
      if (request.principal?.kind === 'caller') {
        findings.knowsPrincipal = true;
        ctx.state.principal = request.principal;
        return { passes: request.principal.name };
      }
      if (request.from === undefined && request.certificate === undefined)
        return { passes: `403 unless the caller's address or certificate is that of ${names.join(', ')}, which is not looked at here` };
      findings.knowsPrincipal = true;
      return look(findings);
    },
  };
}

const own = runs('acl', aclStep(), ({ ctx: { state } }) => (state.principal.kind === 'caller' ? `${state.principal.name} may` : undefined));

const acl: Step = {
  step: 'acl',
  look: (findings) =>
    findings.knowsPrincipal
      ? own.look(findings)
      : { passes: `403 unless the caller is ${describePrivate(matchOf(findings).route.config)}` },
};
