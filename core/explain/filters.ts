/** The filters that would run, in their order. What they would do is theirs to know. */
import type { FilterEntry, LimitsConfig } from '../config/schema/index.ts';
import { chains } from '../filter/chains.ts';
import type { ExplainParts } from './parts.ts';
import { matchOf, type Step } from './step.ts';

/** @param settings of the gateway */
export function filters(
  { loaded: { config }, filterModules, section, clock }: ExplainParts,
  settings: { readonly filters?: readonly FilterEntry[]; readonly limits: LimitsConfig },
): Step {
  // Nothing is called: as much as filters are made with.
  const call = { name: '', edge: section === 'public', services: new Map(), limits: settings.limits, clock, random: Math.random };
  const chainOf = chains({ config, general: settings.filters ?? [], modules: filterModules, call });
  return {
    step: 'filters',
    look(findings) {
      const chain = chainOf(matchOf(findings).route);
      if (chain === undefined) return undefined;
      const stages = (['pre', 'route', 'post', 'error'] as const).filter((stage) => chain[stage].length > 0);
      const says = stages.map((stage) => `${stage} ${chain[stage].map(({ name }) => name).join(', ')}`).join('; ');
      return { passes: `${says}: the path below is that of before` };
    },
  };
}
