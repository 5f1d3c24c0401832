/** The filters that would run, in their order: what the gateway's own do to a request is done, what users' would do is theirs to know. */
import type { FilterEntry, LimitsConfig } from '../config/schema/index.ts';
import type { Chain } from '../filter/chain.ts';
import { chains } from '../filter/chains.ts';
import { RequestExchange } from '../filter/exchange.ts';
import { uncounted } from '../holds.ts';
import type { CallOptions } from '../middleware/new-exchange.ts';
import type { ExplainParts } from './parts.ts';
import { type Findings, matchOf, type Step, type Verdict } from './step.ts';

/** What fails by chance does not, and what always fails does. */
const surely = () => 1 - Number.EPSILON;

/** @param settings of the gateway */
export function filters(
  { loaded: { config }, filterModules, name, section, clock }: ExplainParts,
  settings: { readonly filters?: readonly FilterEntry[]; readonly limits: LimitsConfig },
): Step {
  // Nothing is called: as much as filters are made with.
  const call = { name, edge: section === 'public', services: new Map(), limits: settings.limits, clock, random: surely, holds: uncounted };
  const chainOf = chains({ config, general: settings.filters ?? [], modules: filterModules, call });
  return {
    step: 'filters',
    async look(findings) {
      const chain = chainOf(matchOf(findings).route);
      return chain && toldOf(chain, findings, call);
    },
  };
}

async function toldOf(chain: Chain, findings: Findings, call: CallOptions): Promise<Verdict> {
  const stages = (['pre', 'route', 'post', 'error'] as const).filter((stage) => chain[stage].length > 0);
  const says = stages.map((stage) => `${stage} ${chain[stage].map(({ name }) => name).join(', ')}`).join('; ');
  const { outgoing } = findings.ctx.state;
  if (!outgoing) return { passes: `${says}: the path below is that of before` };
  const foreign = [...chain.pre, ...chain.route].find((filter) => filter.foreign);
  const exchange = new RequestExchange(findings.ctx, call);
  for (const filter of chain.pre) {
    if (filter.foreign) break;
    if (filter.name !== 'delay') await filter.run(exchange);
    if (!exchange.answer) continue;
    const { status } = exchange.answer;
    return { decides: `${status} by ${filter.name}; ${says}`, allowed: status < 400, status };
  }
  findings.path = outgoing.query === '' ? outgoing.path : `${outgoing.path}?${outgoing.query}`;
  return { passes: foreign === undefined ? says : `${says}: what ${foreign.name} does to the request is not known here` };
}
