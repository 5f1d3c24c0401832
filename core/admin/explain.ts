/** `POST /explain`: what would become of a request now, for an operator who wonders. Nothing is sent. */
import type { Context } from 'koa';
import type { Explanation } from '../explain/explanation.ts';
import { type DescribedRequest, type Description, describedRequest, Undescribed } from '../explain/request.ts';
import { AdminProblem } from './problem.ts';

/**
 * The body is `{ method, url, headers?, as?, from?, certificate? }`, of the shape that the document of the port says: `as` has the
 * claims of a verified token. Answers with the `Explanation`.
 */
export function explain({ explain: of }: { explain(request: DescribedRequest): Promise<Explanation> }): (ctx: Context) => Promise<void> {
  return async function explain(ctx) {
    try {
      ctx.body = await of(describedRequest(ctx.state['body'] as Description));
    } catch (error) {
      if (!(error instanceof Undescribed)) throw error;
      throw new AdminProblem('bad-request', {
        detail: 'The description has faults',
        members: { errors: error.faults.map((fault) => ({ in: 'body', ...fault })) },
      });
    }
  };
}
