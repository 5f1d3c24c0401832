/** `POST /explain`: what would become of a request now, for an operator who wonders. Nothing is sent. */
import type { Context } from 'koa';
import { readBody } from '../eureka/body.ts';
import { Refused } from '../eureka/refused.ts';
import type { Explanation } from '../explain/explanation.ts';
import { type DescribedRequest, type Description, describedRequest, Undescribed } from '../explain/request.ts';
import { problemOf } from './problem.ts';

/** Bytes of a description. */
const LIMIT = 64 * 1024;

/**
 * The body is `{ method, url, headers?, as?, from?, certificate? }`: `as` has the claims of a verified token. Answers with the
 * `Explanation`; 400, 413 or 415, as a problem document, for a description that cannot be read.
 */
export function explain({ explain: of }: { explain(request: DescribedRequest): Promise<Explanation> }): (ctx: Context) => Promise<void> {
  return async function explain(ctx) {
    try {
      // A page in a browser may not send it unasked (Fetch standard, CORS-safelisted).
      if (!ctx.is('application/json')) throw new Refused(415, 'The body must be application/json');
      const description = await readBody(ctx.req, LIMIT);
      if (typeof description !== 'object' || description === null || Array.isArray(description))
        throw new Refused(400, 'The body must be { "method": ..., "url": ... }');
      ctx.body = await of(describedRequest(description as Description));
    } catch (error) {
      if (error instanceof Undescribed) return problemOf(ctx, 400, 'The description has faults', { errors: error.faults });
      if (!(error instanceof Refused)) throw error;
      problemOf(ctx, error.status, error.message);
    }
  };
}
