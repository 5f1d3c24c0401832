/** A copy of a request for another service, which nobody waits for and whose answer nobody sees: it never fails the original. */
import type { Context } from '../context.ts';
import { endAtDeadline } from '../upstream/deadline.ts';
import type { Exchange } from '../upstream/exchange.ts';
import type { Source } from '../upstream/flow.ts';
import type { UpstreamResponse } from '../upstream/response.ts';
import { type Sendable, wholeBody } from '../upstream/sendable.ts';
import type { Service } from '../upstream/service.ts';
import { upgradeHeadOf } from '../upstream/upgrade-head.ts';
import { type CallOptions, newExchange } from './new-exchange.ts';
import { outgoingOf } from './outgoing.ts';

/** Tells the service that it sees a copy. Clients cannot say it: fields of the gateway's own are dropped. */
const MARK = ['x-gateway-mirror', '1'] as const;

/** Bytes of an answer that are read, so that the connection can be used again. */
const READ = 1024 * 1024;

/**
 * Sends the request as it is now to a service too, through all its layers, behind all that is not background. One with a body
 * goes once the original's has been read whole, and not at all when that is larger than what is kept of it (64 KiB).
 */
export function mirrorTo(ctx: Context, service: Service, options: CallOptions): void {
  const { method, path, query, headers, body } = outgoingOf(ctx, options);
  const { holds } = options;
  const marked = [...headers, ...MARK];
  const call = async (copied: Sendable | undefined) => {
    const made = newExchange(ctx, service, { method, path, query, headers: marked, body: copied }, options);
    const exchange: Exchange = { ...made, interim: false, upgrade: undefined, priority: 'background', timeLeft: Number.POSITIVE_INFINITY };
    let atEnd: (() => void) | undefined;
    try {
      const response = await service.call(exchange);
      atEnd = endAtDeadline(exchange, options.clock);
      await swallow(response);
    } finally {
      atEnd?.();
    }
  };
  const leave = () => holds.leave();
  const send = (copied: Sendable | undefined) => void call(copied).then(leave, leave);
  if (upgradeHeadOf(ctx.req)) return;
  holds.enter();
  if (!body) send(undefined);
  else body.whenWhole((whole) => (whole ? send(wholeBody(whole)) : leave()));
}

/** Resolves when nothing more comes of an answer. */
function swallow(response: UpstreamResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let read = 0;
  let source: Source | undefined;
  source = response.into({
    data(chunk) {
      read += chunk.length;
      if (read > READ) source?.abort(new Error('A mirrored answer is read no further'));
    },
    end: () => resolve(),
    fail: () => resolve(),
  });
  return promise;
}
