/** A request's call to its service, made from what the steps before have found out. */
import type { Clock } from '../clock.ts';
import type { LimitsConfig } from '../config/schema/index.ts';
import type { Context } from '../context.ts';
import { cancel, type Exchange } from '../upstream/exchange.ts';
import { hasBody, RequestBody } from '../upstream/request-body.ts';
import { type RequestHeaderOptions, requestHeaders } from '../upstream/request-headers.ts';
import type { Service } from '../upstream/service.ts';
import { ATTEMPTS, TIME_LEFT } from '../upstream/timeout.ts';
import { upgradeHeadOf } from '../upstream/upgrade-head.ts';

export interface ExchangeOptions extends RequestHeaderOptions {
  /** How large a request body may be, and how long it may take. */
  limits: Pick<LimitsConfig, 'body' | 'requestTimeout'>;
  clock: Clock;
}

/** Sets `ctx.state.exchange`. A second one for the same request goes on with the body of the first. */
export function newExchange(ctx: Context, service: Service, options: ExchangeOptions): Exchange {
  const { state, req, res } = ctx;
  const { route, target, params, principal, client, requestId } = state;
  const { edge, clock } = options;
  const upgradeHead = upgradeHeadOf(req);
  const claims = principal.kind === 'user' ? principal.claims : {};
  const path = route ? route.rewrite(target.path, params, claims) : target.path;
  const upgrades = upgradeHead !== undefined && route?.config.upgrade?.includes('websocket') === true;
  const withBody = hasBody(req);
  const facts = { headers: req.headers, claims, address: client.address };
  // Gateways tell one another how long is left and who tries again; at the edge, anybody could say so.
  const believed = !edge || client.trusted;
  const above = believed ? attemptsAbove(req.headers[ATTEMPTS]) : undefined;
  const exchange: Exchange = {
    method: req.method ?? 'GET',
    path: target.query === '' ? path : `${path}?${target.query}`,
    headers: requestHeaders({ req, client, principal, requestId, hasBody: withBody, trustsBaggage: believed }, options),
    host: service.config.host === 'preserve' && client.host !== '' ? client.host : null,
    body: withBody ? (state.exchange?.body ?? newBody(ctx, service, options)) : undefined,
    req,
    res,
    upgrade: upgrades ? { protocol: 'websocket', head: upgradeHead } : undefined,
    trace: state.trace,
    service: service.name,
    scheme: client.scheme,
    priority: route?.config.priority ?? 'normal',
    hashKey: service.affinity.hashKey(facts),
    stuckTo: service.affinity.stuckTo(facts),
    attemptsAbove: above,
    announced: above,
    timeLeft: state.exchange
      ? state.exchange.expiresAt - clock.now()
      : believed
        ? timeLeft(req.headers[TIME_LEFT])
        : Number.POSITIVE_INFINITY,
    attempts: [],
    deadlineAt: Number.POSITIVE_INFINITY,
    expiresAt: Number.POSITIVE_INFINITY,
    cancelled: undefined,
    onSent: undefined,
    onCancelled: undefined,
  };
  state.exchange = exchange;
  return exchange;
}

function newBody({ state, req, res }: Context, service: Service, { limits }: ExchangeOptions): RequestBody {
  return new RequestBody(req, {
    limit: limits.body,
    idle: service.config.timeouts.idle,
    // Node's server counts it by itself, but over HTTP/1 alone.
    within: req.httpVersionMajor < 2 ? undefined : limits.requestTimeout,
    sendContinue: req.headers.expect === undefined ? undefined : () => res.writeContinue(),
    onFailure: (problem) => {
      if (state.exchange) cancel(state.exchange, problem);
    },
  });
}

/** `2/3`, the second of at most three tries; of one that is the only one there is nothing to say. */
function attemptsAbove(field: string | string[] | undefined): string | undefined {
  if (typeof field !== 'string') return undefined;
  const [, most = '1'] = /^\d{1,2}\/(\d{1,2})$/.exec(field) ?? [];
  return Number(most) > 1 ? field : undefined;
}

/** A value that is no number of milliseconds was not said by a gateway. */
function timeLeft(field: string | string[] | undefined): number {
  return typeof field === 'string' && /^\d{1,9}$/.test(field) ? Number(field) : Number.POSITIVE_INFINITY;
}
