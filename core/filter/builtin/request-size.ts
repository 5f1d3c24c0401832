/** A bound for the bodies of some routes, below that of the gateway. */
import type { BuiltInOptions } from '../../config/schema/index.ts';
import { Problem } from '../../problem.ts';
import type { BuiltIn } from './built-in.ts';

export function requestSize(limit: BuiltInOptions['requestSize']): BuiltIn {
  return {
    stage: 'pre',
    run({ ctx, outgoing }) {
      // A filter before may have looked at all of it.
      const known = Math.max(Number(ctx.req.headers['content-length'] ?? 0), outgoing.body?.bytes ?? 0);
      if (known > limit) throw new Problem('body-too-large');
      // One whose length nobody told is cut where it becomes too long.
      outgoing.body?.limitTo(limit);
    },
  };
}
