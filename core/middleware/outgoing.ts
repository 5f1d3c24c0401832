/** What a service will be asked for a request, made from what the steps before have found out. */
import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import { cancel } from '../upstream/exchange.ts';
import { hasBody } from '../upstream/has-body.ts';
import type { Outgoing } from '../upstream/outgoing.ts';
import { RequestBody } from '../upstream/request-body.ts';
import { type RequestHeaderOptions, requestHeaders } from '../upstream/request-headers.ts';
import type { Service } from '../upstream/service.ts';
import { chooseService } from './choose-service.ts';
import { believes, type CallOptions } from './new-exchange.ts';

/** Made at the first call, the same from then on. @throws Problem `loop`, or what a rewrite throws */
export function outgoingOf(ctx: Context, options: CallOptions): Outgoing {
  ctx.state.outgoing ??= newOutgoing(ctx, options);
  return ctx.state.outgoing;
}

export function serviceNamed(services: CallOptions['services'], name = ''): Service {
  const service = services.get(name);
  if (!service) throw new Problem('internal-error', { detail: `There is no service ${name}.` });
  return service;
}

/** Milliseconds without progress, of an upload that is for no service. */
const IDLE = 60_000;

function newOutgoing(ctx: Context, options: CallOptions): Outgoing {
  const { route } = ctx.state;
  const name = route && chooseService(ctx, route.config, options.random);
  const service = route?.config.aggregate ? undefined : serviceNamed(options.services, name);
  const { method, path, query, headers } = outgoingHead(ctx, options);
  return { service, method, path, query, headers, body: hasBody(ctx.req) ? newBody(ctx, service, options) : undefined };
}

/** All of it but for the service and the body. @throws Problem */
export function outgoingHead(ctx: Context, options: RequestHeaderOptions): Pick<Outgoing, 'method' | 'path' | 'query' | 'headers'> {
  const { state, req } = ctx;
  const { route, target, params, principal, client, requestId } = state;
  return {
    method: req.method ?? 'GET',
    path: route ? route.rewrite(target.path, params, principal.kind === 'user' ? principal.claims : {}) : target.path,
    query: target.query,
    headers: requestHeaders({ req, client, principal, requestId, hasBody: hasBody(req), trustsBaggage: believes(ctx, options) }, options),
  };
}

function newBody({ state, req, res }: Context, service: Service | undefined, { limits }: CallOptions): RequestBody {
  return new RequestBody(req, {
    limit: limits.body,
    idle: service?.config.timeouts.idle ?? IDLE,
    // Node's server counts it by itself, but over HTTP/1 alone.
    within: req.httpVersionMajor < 2 ? undefined : limits.requestTimeout,
    sendContinue: req.headers.expect === undefined ? undefined : () => res.writeContinue(),
    onFailure: (problem) => {
      if (state.exchange) cancel(state.exchange, problem);
    },
  });
}
