/** What a built-in filter is, and what it is made with. */
import type { CallOptions } from '../../middleware/new-exchange.ts';
import type { RequestExchange } from '../exchange.ts';
import type { Stage } from '../filter.ts';

/** What built-in filters may need. */
export interface BuiltInParts {
  readonly call: CallOptions;
}

/** The order of what must see the work of all others. */
export const LAST = 1000;

/** What a built-in filter is made of its options; undefined when it does nothing on this gateway. */
export interface BuiltIn {
  readonly stage: Stage;
  /** As a user's; 0 unless given. */
  readonly order?: number;
  run(exchange: RequestExchange): void | Promise<void>;
}
