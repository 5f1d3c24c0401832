/** The last step: the request goes to its service, and the service's answer to the client. */
import type { ServerResponse } from 'node:http';
import { Http2ServerResponse } from 'node:http2';
import type { Clock } from '../clock.ts';
import type { LimitsConfig } from '../config/schema/index.ts';
import type { Context, Middleware } from '../context.ts';
import { Problem } from '../problem.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import { cancel, type Exchange } from '../upstream/exchange.ts';
import { hasBody, RequestBody } from '../upstream/request-body.ts';
import { type RequestHeaderOptions, requestHeaders } from '../upstream/request-headers.ts';
import type { UpstreamResponse } from '../upstream/response.ts';
import { namesOf, without } from '../upstream/response-headers.ts';
import type { Service } from '../upstream/service.ts';
import { upgradeHeadOf } from '../upstream/upgrade-head.ts';

export interface ForwardOptions extends RequestHeaderOptions {
  services: ReadonlyMap<string, Service>;
  /** How large a request body may be, and how long it may take. */
  limits: Pick<LimitsConfig, 'body' | 'requestTimeout'>;
  instruments: Instruments;
  clock: Clock;
}

/** What a service says of its software stays inside. */
const REVEALING = new Set(['server', 'x-powered-by']);

export function forward(options: ForwardOptions): Middleware {
  const { services, edge, name, clock, instruments } = options;
  return async function forward(ctx) {
    const startedAt = clock.now();
    const service = services.get(ctx.state.route?.config.service ?? '');
    if (!service) throw new Problem('internal-error', { detail: 'The route has no service.' });
    const exchange = exchangeOf(ctx, service, options);
    ctx.state.exchange = exchange;
    const onClose = () => {
      // HTTP/2 finishes what it writes when the client resets a stream: only an answer that we have ended is one.
      if (!ctx.res.writableEnded || !ctx.res.writableFinished) cancel(exchange, new Problem('client-closed'));
    };
    ctx.res.once('close', onClose);
    // What has closed while the steps before were waiting closes no more.
    if (isGone(ctx.res)) throw new Problem('client-closed');
    const response = await service.call(exchange);
    dress(response, ctx, { name, edge, took: clock.now() - startedAt });
    if (response.status === 101) await tunnel(response, ctx, service, instruments);
    else await response.relay(ctx.res, service.config.timeouts.idle);
  };
}

/** An answer over HTTP/2 has no `destroyed` of its own. */
function isGone(res: ServerResponse): boolean {
  return res instanceof Http2ServerResponse ? res.stream.destroyed : res.destroyed;
}

function exchangeOf(ctx: Context, service: Service, options: ForwardOptions): Exchange {
  const { state, req, res } = ctx;
  const { route, target, params, principal, client, requestId } = state;
  const upgradeHead = upgradeHeadOf(req);
  const claims = principal.kind === 'user' ? principal.claims : {};
  const path = route ? route.rewrite(target.path, params, claims) : target.path;
  const upgrades = upgradeHead !== undefined && route?.config.upgrade?.includes('websocket') === true;
  const withBody = hasBody(req);
  const exchange: Exchange = {
    method: req.method ?? 'GET',
    path: target.query === '' ? path : `${path}?${target.query}`,
    headers: requestHeaders(
      { req, client, principal, requestId, hasBody: withBody, trustsBaggage: !options.edge || client.trusted },
      options,
    ),
    host: service.config.host === 'preserve' && client.host !== '' ? client.host : null,
    body: withBody
      ? new RequestBody(req, {
          limit: options.limits.body,
          idle: service.config.timeouts.idle,
          // Node's server counts it by itself, but over HTTP/1 alone.
          within: req.httpVersionMajor < 2 ? undefined : options.limits.requestTimeout,
          sendContinue: req.headers.expect === undefined ? undefined : () => res.writeContinue(),
          onFailure: (problem) => cancel(exchange, problem),
        })
      : undefined,
    req,
    res,
    upgrade: upgrades ? { protocol: 'websocket', head: upgradeHead } : undefined,
    trace: state.trace,
    service: service.name,
    attempts: [],
    deadlineAt: Number.POSITIVE_INFINITY,
    cancelled: undefined,
  };
  return exchange;
}

/** Puts the gateway's own fields on the service's answer; where both have one, the gateway's stands. */
function dress(response: UpstreamResponse, ctx: Context, { name, edge, took }: { name: string; edge: boolean; took: number }): void {
  const { answer, withheld } = ctx.state;
  const ours = namesOf(answer);
  ours.delete('vary');
  const theirs = without(response.headers, (field) => ours.has(field) || withheld?.has(field) === true || (edge && REVEALING.has(field)));
  response.headers.splice(0, response.headers.length, ...theirs, ...answer, 'Via', `1.1 ${name}`);
  if (!edge) response.headers.push('Server-Timing', `upstream;dur=${took.toFixed(1)}`);
  // What came as an upgrade left the parser for good: after an ordinary answer the connection carries nothing more.
  if (upgradeHeadOf(ctx.req) && response.status !== 101) response.headers.push('Connection', 'close');
}

async function tunnel(response: UpstreamResponse, ctx: Context, service: Service, instruments: Instruments): Promise<void> {
  const leave = instruments.activeWebSockets.enter();
  try {
    await response.relay(ctx.res, service.config.timeouts.idle);
  } finally {
    leave();
  }
}
