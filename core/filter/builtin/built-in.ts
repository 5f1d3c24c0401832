/** What a built-in filter is, and what it is made with. */
import type { CallOptions } from '../../middleware/new-exchange.ts';
import type { RequestExchange } from '../exchange.ts';
import type { Stage } from '../filter.ts';

/** What built-in filters may need. */
export interface BuiltInParts {
  readonly call: CallOptions;
}

/** What a built-in filter is made of its options; undefined when it does nothing on this gateway. */
export interface BuiltIn {
  readonly stage: Stage;
  run(exchange: RequestExchange): void | Promise<void>;
}
