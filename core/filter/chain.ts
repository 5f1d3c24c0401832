/** The filters of a route by stage, in the order in which they run. */

import type { RequestExchange } from './exchange.ts';
import type { FilterExchange, Stage } from './filter.ts';

/** A filter with its options, ready to run: one of the gateway's own, or a user's, which is watched and sees less. */
export type Bound = {
  readonly name: string;
  readonly stage: Stage;
  readonly order: number;
} & (
  | { readonly foreign: false; run(exchange: RequestExchange): void | Promise<void> }
  | { readonly foreign: true; run(exchange: FilterExchange): unknown }
);

export type Chain = Readonly<Record<Stage, readonly Bound[]>>;

/** @param filters the gateway's before the route's. @returns undefined when there are none */
export function chainOf(filters: readonly Bound[]): Chain | undefined {
  if (filters.length === 0) return undefined;
  const inOrder = filters.toSorted((a, b) => a.order - b.order);
  const of = (stage: Stage) => inOrder.filter((filter) => filter.stage === stage);
  return { pre: of('pre'), route: of('route'), post: of('post'), error: of('error') };
}
