/** What the cache would do, by its own rule and with what is stored. */
import { cacheRule } from '../cache/rule.ts';
import { cacheDecision, isKept, SAFE } from '../middleware/cache-decision.ts';
import { visitOf } from '../middleware/cache-visit.ts';
import { Problem } from '../problem.ts';
import { hasBody } from '../upstream/has-body.ts';
import type { ExplainParts, Live } from './parts.ts';
import { type Findings, matchOf, type Step, type Verdict } from './step.ts';

const never = () => Promise.reject(new Problem('internal-error'));

export function cache(parts: ExplainParts): Step {
  const { loaded, live } = parts;
  return {
    step: 'cache',
    look(findings) {
      const method = findings.ctx.state.outgoing?.method ?? findings.request.method;
      const { config } = matchOf(findings).route;
      const anywhere = loaded.config.routes.some((route) => route.cache);
      if (anywhere && !SAFE.has(method))
        return live?.store.empty === false ? { passes: 'a success makes void what is stored for this path' } : undefined;
      if (config.cache === undefined || !isKept(method)) return undefined;
      if (!live || !findings.ctx.state.outgoing) return { passes: 'unless an answer is stored that may be given' };
      return lookedUp(parts, live, findings);
    },
  };
}

function lookedUp({ clock }: ExplainParts, { store }: Live, findings: Findings): Verdict {
  const { ctx } = findings;
  const { config } = matchOf(findings).route;
  const rule = config.cache && cacheRule(config.cache);
  const { outgoing } = ctx.state;
  if (!rule || !outgoing) return { passes: 'it has none' };
  // Which of several services by lot gets it is part of the key.
  if (findings.service === undefined && config.aggregate === undefined)
    return { passes: 'unless an answer is stored for the service that is drawn' };
  const visit = visitOf(ctx, never, rule, outgoing);
  if (hasBody(ctx.req)) return { passes: 'passed by: the request has a body' };
  const decision = cacheDecision(visit, ({ resource, keyFor }) => store.peek(resource, keyFor), clock.now());
  if (decision.does === 'pass') return { passes: 'passed by: the request is none for a cache' };
  const told = `${visit.resource}, told apart by ${(decision.does === 'give' ? decision.stored.names : (store.namesFor(visit.resource) ?? rule.usualNames)).join(', ') || 'nothing'}`;
  if (decision.does === 'ask')
    return {
      passes: `${decision.why === 'miss' ? 'nothing is stored' : `what is stored is to be asked about (${decision.why})`} for ${told}`,
    };
  const { stored, reuse } = decision;
  return { decides: `${stored.status} from the store (${reuse}) for ${told}`, allowed: true, status: stored.status };
}
