/** Failures on purpose: some requests are held up, or fail, to see what becomes of those who made them. */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { BuiltInOptions } from '../../config/schema/index.ts';
import { Problem } from '../../problem.ts';
import type { BuiltIn, BuiltInParts } from './built-in.ts';

export function delay({ duration, sample, public: evenPublic }: BuiltInOptions['delay'], { call }: BuiltInParts): BuiltIn | undefined {
  if (call.edge && !evenPublic) return undefined;
  return {
    stage: 'pre',
    async run({ ctx }) {
      if (call.random() >= sample) return;
      // Who leaves meanwhile need not be waited for.
      const over = new AbortController();
      await Promise.race([pause(duration, undefined, { signal: over.signal }), once(ctx.res, 'close', { signal: over.signal })]).finally(
        () => over.abort(),
      );
    },
  };
}

export function abort({ status, sample, public: evenPublic }: BuiltInOptions['abort'], { call }: BuiltInParts): BuiltIn | undefined {
  if (call.edge && !evenPublic) return undefined;
  return {
    stage: 'pre',
    run() {
      if (call.random() < sample) throw new Problem('fault-injected', { status });
    },
  };
}
