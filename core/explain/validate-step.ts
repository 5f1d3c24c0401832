/** What the contract of the service says of the head of a request; its body is not known here. */
import { parameterFaults } from '../contract/checking.ts';
import { told } from '../contract/fault.ts';
import { noOperation, operationOf } from '../middleware/validate-request.ts';
import { Problem } from '../problem.ts';
import { listOf } from '../upstream/fields.ts';
import type { ExplainParts } from './parts.ts';
import { matchOf, type Step } from './step.ts';

export function validateRequest({ contracts }: ExplainParts): Step {
  return {
    step: 'validateRequest',
    look(findings) {
      const { validate, operation: meant } = matchOf(findings).route.config;
      const { outgoing: head } = findings.ctx.state;
      const mode = validate?.request ?? 'off';
      if ((mode === 'off' && meant === undefined) || findings.service === undefined || !head) {
        return mode === 'off' ? undefined : { passes: 'unless it does not fit the contract' };
      }
      const { contract, found } = operationOf(contracts, findings.service, head, meant);
      if (mode === 'off') return { passes: `operation ${found?.operation.name}` };
      if (!contract) return { passes: `${findings.service} has no contract` };
      const header = (field: string) => listOf(head.headers, field);
      const faults = found ? parameterFaults(contract, found, { query: head.query, header }) : noOperation.faults;
      if (faults.length === 0) return { passes: `operation ${found?.operation.name}: fits, as far as can be told without a body` };
      const detail = told(faults)
        .map((fault) => `${fault.in} ${fault.pointer} ${fault.detail}`)
        .join('; ');
      if (mode === 'enforce') throw new Problem(found ? 'contract-violated' : noOperation.code, { detail });
      return { passes: `reported and let through: ${detail}` };
    },
  };
}
