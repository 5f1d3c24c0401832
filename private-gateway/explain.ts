/** What becomes of a request at the private gateway, in the order of pipeline.ts. */
import type { CallerConfig } from '../core/config/schema/index.ts';
import { filters } from '../core/explain/filters.ts';
import { cache, canonicalPath, forward, matchOf, matchRoute, rateLimit } from '../core/explain/shared-steps.ts';
import type { Step } from '../core/explain/step.ts';
import type { ExplainParts } from '../core/profile.ts';
import { describePrivate } from '../core/routing/exposure.ts';

export function explain(parts: ExplainParts): readonly Step[] {
  const { table } = parts;
  const settings = parts.config.private;
  return [
    canonicalPath,
    identifyCaller(settings.callers),
    matchRoute(table, { preflights: false }),
    acl,
    rateLimit({
      rate: settings.rateLimit,
      routeRate: ({ expose }) => expose.private?.rateLimit,
      counted: 'each caller',
      ownRates: ({ expose }) =>
        (expose.private?.callers ?? []).flatMap((name) => {
          const rate = settings.callers[name]?.rateLimit;
          return rate === undefined ? [] : [[name, rate] as const];
        }),
    }),
    filters({ ...parts, edge: false, settings }),
    cache,
    forward,
  ];
}

/** Who calls is told by an address and a certificate, which no description of a request has. */
function identifyCaller(callers: Readonly<Record<string, CallerConfig>>): Step {
  const names = Object.keys(callers);
  const says: ReturnType<Step['look']> =
    names.length === 0
      ? { decides: '403 unknown-caller: no caller is configured', allowed: false }
      : { passes: `403 unless the caller's address or certificate is that of ${names.join(', ')}, which is not looked at here` };
  return { step: 'identifyCaller', look: () => says };
}

const acl: Step = {
  step: 'acl',
  look: (findings) => ({ passes: `403 unless the caller is ${describePrivate(matchOf(findings).route.config)}` }),
};
