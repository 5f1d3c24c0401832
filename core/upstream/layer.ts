/**
 * Layers wrap a try: each has one reason to stand where it stands (see service.ts). One that retries calls `next` again; one
 * that only watches hangs on to the promise of `next` and returns it as it is, for every other promise costs each request.
 */
import type { Attempt } from './exchange.ts';
import type { UpstreamResponse } from './response.ts';

export type Next = (attempt: Attempt) => Promise<UpstreamResponse>;
export type Layer = (attempt: Attempt, next: Next) => Promise<UpstreamResponse>;

/** The layers from the outermost to the innermost, above the transport. */
export function compose(layers: readonly Layer[], transport: Next): Next {
  return layers.reduceRight<Next>((next, layer) => (attempt) => layer(attempt, next), transport);
}
