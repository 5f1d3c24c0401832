/** A copy of some requests for another service. */
import type { BuiltInOptions } from '../../config/schema/index.ts';
import { mirrorTo } from '../../middleware/mirror.ts';
import { serviceNamed } from '../../middleware/outgoing.ts';
import { type BuiltIn, type BuiltInParts, LAST } from './built-in.ts';

export function mirror({ service, sample }: BuiltInOptions['mirror'], { call }: BuiltInParts): BuiltIn {
  return {
    // Around the call, when no filter changes the request any more.
    stage: 'route',
    order: LAST,
    run({ ctx }) {
      if (call.random() < sample) mirrorTo(ctx, serviceNamed(call.services, service), call);
    },
  };
}
