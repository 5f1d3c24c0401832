/** A call that nobody waits for any more is given up: when the client leaves, its exchange is cancelled. */
import type { ServerResponse } from 'node:http';
import { Http2ServerResponse } from 'node:http2';
import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import { cancel, type Exchange } from '../upstream/exchange.ts';
import type { UpstreamResponse } from '../upstream/response.ts';
import type { Service } from '../upstream/service.ts';

/** @throws Problem */
export function callService({ res, state }: Context, service: Service, exchange: Exchange): Promise<UpstreamResponse> {
  if (state.background) return service.call(exchange);
  // What has closed while the steps before were waiting closes no more.
  if (isGone(res)) return Promise.reject(new Problem('client-closed'));
  res.on('close', () => {
    // HTTP/2 finishes what it writes when the client resets a stream: only an answer that we have ended is one.
    if (res.writableEnded && res.writableFinished) return;
    cancel(exchange, new Problem('client-closed'));
  });
  return service.call(exchange);
}

/** An answer over HTTP/2 has no `destroyed` of its own. */
export function isGone(res: ServerResponse): boolean {
  return res instanceof Http2ServerResponse ? res.stream.destroyed : res.destroyed;
}
