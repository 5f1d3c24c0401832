/** The request in the rolling statistics: by its route and by who came, once it is over. */
import type { Clock } from '../clock.ts';
import type { Context, Middleware } from '../context.ts';
import type { Statistics } from '../telemetry/statistics.ts';
import { upgradeHeadOf } from '../upstream/upgrade-head.ts';
import { afterwards } from './afterwards.ts';
import { sentStatus } from './sent-status.ts';

export function statistics(recorder: Pick<Statistics, 'request'>, clock: Clock): Middleware {
  return function statistics(ctx, next) {
    const { state } = ctx;
    let opened = false;
    // A tunnel counts when it opens, and not again when it ends.
    if (upgradeHeadOf(ctx.req)) {
      state.onTunnel = () => {
        opened = true;
        record(ctx, undefined, clock.now());
      };
    }
    return afterwards(state, next(), () => {
      const now = clock.now();
      if (!opened) record(ctx, now - state.startedAt, now);
    });
  };

  function record({ state, res }: Context, milliseconds: number | undefined, now: number): void {
    const { principal, route, problem, outgoing, sent } = state;
    recorder.request(
      {
        route: route?.name,
        principal: principal?.kind === 'user' ? principal.subject : principal?.kind === 'caller' ? principal.name : undefined,
        status: sentStatus(res),
        problem,
        bytesIn: outgoing?.body?.bytes ?? 0,
        bytesOut: sent?.bytes ?? 0,
        milliseconds,
      },
      now,
    );
  }
}
