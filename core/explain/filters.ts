/** The filters that would run, in their order. What they would do is theirs to know. */
import { systemClock } from '../clock.ts';
import type { Config, FilterEntry, LimitsConfig } from '../config/schema/index.ts';
import { chains } from '../filter/chains.ts';
import type { FilterModules } from '../filter/modules.ts';
import { uncounted } from '../holds.ts';
import { matchOf } from './shared-steps.ts';
import type { Step } from './step.ts';

export interface FilterStepOptions {
  readonly config: Config;
  readonly filterModules: FilterModules;
  readonly edge: boolean;
  /** Of the gateway. */
  readonly settings: { readonly filters?: readonly FilterEntry[]; readonly limits: LimitsConfig };
}

export function filters({ config, filterModules, edge, settings }: FilterStepOptions): Step {
  // Nothing is called: as much as filters are made with.
  const call = { name: '', edge, services: new Map(), limits: settings.limits, clock: systemClock, random: Math.random, holds: uncounted };
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
