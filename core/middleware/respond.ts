/** Writes the answer that the steps below give back: the gateway's own fields are put on it, and it goes to the client. */
import type { Clock } from '../clock.ts';
import type { Answer, Answerer, Context, Middleware } from '../context.ts';
import { isNamed } from '../http1/fields.ts';
import { asProblem, Problem } from '../problem.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import type { UpstreamResponse } from '../upstream/response.ts';
import { hasField, remove } from '../upstream/response-headers.ts';
import type { Service } from '../upstream/service.ts';
import { upgradeHeadOf } from '../upstream/upgrade-head.ts';

export interface RespondOptions {
  /** The gateway's name, in Via. */
  name: string;
  /** Whether what a service says of its software stays inside, and how long it took. */
  edge: boolean;
  services: ReadonlyMap<string, Service>;
  instruments: Instruments;
  clock: Clock;
}

const FOR_SERVICES = 'x-gateway-';

/** What says of the software; and what services are told of who asked, and of tries, is nothing to a client, by whatever service it is echoed. */
const staysInside = (name: string): boolean =>
  isNamed(name, 'server') || isNamed(name, 'x-powered-by') || isNamed(name.slice(0, FOR_SERVICES.length), FOR_SERVICES);

/** Told by a gateway to whom it trusts (filter/debug.ts), and by no service to anybody. */
const DEBUG = 'x-postern-debug';

/** Milliseconds without a byte, on an answer that no service gave. */
const IDLE = 60_000;

const nobody: Answer = () => Promise.reject(new Problem('internal-error', { detail: 'No step answered.' }));

/** @param steps from the outermost to the one that calls the service */
export function respond({ name, edge, services, instruments, clock }: RespondOptions, steps: readonly Answerer[]): Middleware {
  const answerTo = steps.reduceRight<Answer>((next, step) => (ctx) => step(ctx, next), nobody);
  const via = `1.1 ${name}`;
  const write = (ctx: Context, response: UpstreamResponse): Promise<void> | undefined => {
    ctx.state.sent = response;
    const service = services.get(ctx.state.exchange?.service ?? '');
    const idle = service?.config.timeouts.idle ?? IDLE;
    try {
      const written = response.status === 101 ? tunnel(response, ctx, idle, instruments) : response.relay(ctx.res, idle);
      return written && counting(written, ctx, service);
    } catch (error) {
      return failed(error, ctx, service);
    }
  };
  const counting = (written: Promise<void>, ctx: Context, service: Service | undefined): Promise<void> =>
    written.catch((error) => failed(error, ctx, service));
  const failed = (error: unknown, ctx: Context, service: Service | undefined): never => {
    if (service) countFailure(ctx, service, asProblem(error), clock.now());
    throw error;
  };
  return function respond(ctx) {
    const startedAt = edge ? 0 : clock.now();
    return answerTo(ctx).then((response) => {
      dress(response, ctx, { via, edge });
      if (!edge) response.headers.push('Server-Timing', `upstream;dur=${(clock.now() - startedAt).toFixed(1)}`);
      return write(ctx, response);
    });
  };
}

/** What reaches the client as a failure, as Hystrix counts it; who left, or asked wrongly, is none. */
export function countFailure({ state: { route } }: Context, { statistics }: Service, { failure }: Problem, now: number): void {
  if (failure.source === 'client') return;
  statistics.count('exceptionThrown', now);
  if (!route?.config.fallback) statistics.count('fallbackMissing', now);
}

/** Puts the gateway's own fields on the answer; where both have one, the gateway's stands. */
function dress(response: UpstreamResponse, ctx: Context, { via, edge }: { via: string; edge: boolean }): void {
  const { req, state } = ctx;
  const { answer, withheld, exchange } = state;
  const isOurs = (name: string) => hasField(answer, name) && !isNamed(name, 'vary');
  remove(
    response.headers,
    (name) => isOurs(name) || withheld?.has(name.toLowerCase()) === true || isNamed(name, DEBUG) || (edge && staysInside(name)),
  );
  for (const each of answer) response.headers.push(each);
  response.headers.push('Via', via);
  // What came as an upgrade left the parser for good: after an ordinary answer the connection carries nothing more. Nor does
  // one whose upload nobody asked for.
  const upgraded = upgradeHeadOf(req) && response.status !== 101;
  if (upgraded || (!exchange?.body && !req.complete && req.httpVersionMajor < 2)) response.headers.push('Connection', 'close');
}

async function tunnel(response: UpstreamResponse, ctx: Context, idle: number, instruments: Instruments): Promise<void> {
  const leave = instruments.activeWebSockets.enter();
  try {
    const closed = response.relay(ctx.res, idle);
    // Not where it has failed by then.
    if (ctx.res.statusCode === 101) ctx.state.onTunnel?.();
    await closed;
  } finally {
    leave();
  }
}
