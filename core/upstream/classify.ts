/** What an exchange came to. Decided here once; breaker, ejection, balancers and the access log read it. */
import type { Problem } from '../problem.ts';

/** `ignored`: it says nothing of the service, such as a client that left or a request that never reached it. */
export type Outcome = 'success' | 'failure' | 'ignored';

export function classify(status: number | undefined, problem: Problem | undefined): Outcome {
  if (problem) return problem.failure.source === 'client' ? 'ignored' : 'failure';
  if (status === undefined) return 'ignored';
  return status >= 500 ? 'failure' : 'success';
}
