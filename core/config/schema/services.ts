/** `services`: what there is to call. */
import Type, { type Static } from 'typebox';
import { balancerNames } from './balancers.ts';
import { OpenApi, RoutesFrom } from './contract.ts';
import { HashOn } from './hash-on.ts';
import { registryNames } from './registry.ts';
import { CircuitBreaker, Concurrency, HealthCheck, Outlier, Retry } from './resilience.ts';
import { Exposure } from './routes.ts';
import { Duration, NAME_PATTERN, OneOf } from './scalars.ts';

const closed = { additionalProperties: false } as const;

const weight = { minimum: 1, maximum: 1000, description: 'Its share beside the other endpoints.' } as const;

const Drained = Type.Boolean({
  description: 'Whether nothing new goes there, whatever becomes of the others. What is under way is finished. Default: no.',
});

const Override = Type.Object(
  { weight: Type.Optional(Type.Integer(weight)), drain: Type.Optional(Drained) },
  { ...closed, minProperties: 1 },
);

const EndpointObject = Type.Object(
  {
    url: Type.String({
      format: 'endpoint-url',
      description: 'Where it listens: `http`, `https`, `ws` or `wss`, a host and a port, no path.',
    }),
    weight: Type.Optional(Type.Integer({ ...weight, default: 1 })),
    zone: Type.Optional(Type.String({ description: 'The zone it stands in.' })),
    drain: Type.Optional(Drained),
  },
  closed,
);

export const Timeouts = Type.Object(
  {
    connect: Duration({ default: '2s', description: 'For one connection to open.' }),
    attempt: Duration({ default: '15s', description: 'For one try, from its start to the first byte of the answer.' }),
    request: Duration({ default: '30s', description: 'For all tries together, to the first byte of the answer.' }),
    idle: Duration({ default: '60s', description: 'Without a byte in either direction, on an answer or a tunnel under way.' }),
  },
  { ...closed, default: {}, description: 'How long the gateway waits, and for what; each has an error of its own.' },
);
export type Timeouts = Static<typeof Timeouts>;

const Sticky = Type.Object(
  { cookie: Type.String({ format: 'token', description: 'The name of the cookie that the gateway sets; it tells no address.' }) },
  { ...closed, description: 'Keeps a client on one endpoint while that is available, by a cookie of the session. Default: off.' },
);

export const Service = Type.Object(
  {
    endpoints: Type.Optional(
      Type.Array(Type.Union([Type.String({ format: 'endpoint-url' }), EndpointObject]), {
        minItems: 1,
        description:
          'The addresses of the service: each a URL, or an object with `url`, `weight`, `zone`, `drain`. Or `registry`, but not both.',
      }),
    ),
    registry: Type.Optional(OneOf(registryNames, { description: 'Where its endpoints come from, and go; see the top-level `registry`.' })),
    name: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        description:
          "Its name there: an application of Eureka; `host:port` in DNS, or `https://host:port`; an SRV name such as `_http._tcp.search.internal`; a Service in Kubernetes such as `shop/orders:http`. Default: the service's own.",
      }),
    ),
    refresh: Duration({ default: '30s', description: 'How often DNS or Eureka is asked, a tenth more or less.' }),
    overrides: Type.Optional(
      Type.Unsafe<Readonly<Record<string, Static<typeof Override>>>>({
        type: 'object',
        description: 'Of endpoints that `registry` finds, by `host:port`: what counts before what it says.',
        propertyNames: { type: 'string', format: 'authority' },
        additionalProperties: Override,
      }),
    ),
    balancer: OneOf(balancerNames, { default: 'leastRequest', description: 'How an endpoint is chosen for each try.' }),
    hashOn: Type.Optional(
      HashOn({ description: 'What `consistentHash` goes by; requests without it go to the least busy. Default: `clientAddress`.' }),
    ),
    slowStart: Type.Optional(
      Duration({ description: "A new or returned endpoint's share grows from a tenth to the whole over this time. Default: at once." }),
    ),
    sticky: Type.Optional(Sticky),
    timeouts: Timeouts,
    retry: Retry,
    circuitBreaker: CircuitBreaker,
    concurrency: Concurrency,
    outlier: Outlier,
    healthCheck: Type.Optional(HealthCheck),
    openapi: Type.Optional(OpenApi),
    routesFrom: Type.Optional(RoutesFrom),
    expose: Type.Optional(Exposure('How the routes of `routesFrom` are exposed. Default: not at all.')),
    host: OneOf(['preserve', 'endpoint'], {
      default: 'preserve',
      description: "The `Host` that the service sees: the client's own, or the endpoint's. `X-Forwarded-Host` has the client's in both.",
    }),
  },
  closed,
);
export type ServiceConfig = Static<typeof Service>;

export const Services = Type.Unsafe<Readonly<Record<string, ServiceConfig>>>({
  type: 'object',
  description: 'What there is to call, by name.',
  patternProperties: { [NAME_PATTERN]: Service },
  additionalProperties: false,
});
