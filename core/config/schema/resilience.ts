/** How a call to a service is kept from dragging others down: the sections of `services.NAME` that Ribbon and Hystrix had. */
import Type, { type Static } from 'typebox';
import { Duration, OneOf, Percentage } from './scalars.ts';

const closed = { additionalProperties: false } as const;

/** Methods that a client or proxy may send again on its own (RFC 9110 section 9.2.2): no other may be listed. */
export const idempotent = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'] as const;

export const Retry = Type.Object(
  {
    attempts: Type.Integer({ minimum: 0, maximum: 10, default: 1, description: 'Tries beyond the first; 0 turns retrying off.' }),
    on: Type.Array(
      Type.Union([
        OneOf(['connect', 'reset', 'timeout'], { description: 'A failure without an answer.' }),
        Type.Integer({ minimum: 500, maximum: 599, description: 'A status of the service.' }),
      ]),
      {
        default: ['connect', 'reset', 503],
        description:
          '`connect` (no connection was made: any method), `reset` (it was cut before an answer), `timeout` (`timeouts.attempt` fired), or a status.',
      },
    ),
    methods: Type.Array(OneOf(idempotent, { description: 'An idempotent method.' }), {
      default: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'],
      description: 'Methods that are sent again; a body of up to 64 KiB is kept for it, a larger one is sent once.',
    }),
    budget: Percentage({
      default: '20%',
      description: 'At most this share of the requests that were in flight in the last 10 s is tried again; 3 always are.',
    }),
    backoff: Type.Object(
      {
        base: Duration({ default: '25ms', description: 'Before the second try; doubled for each further one.' }),
        max: Duration({ default: '250ms', description: 'The longest.' }),
      },
      { ...closed, default: {}, description: 'The wait before a try: a random part of it (full jitter).' },
    ),
  },
  { ...closed, default: {}, description: 'Trying again, always on another endpoint when there is one.' },
);
export type RetryConfig = Static<typeof Retry>;

export const CircuitBreaker = Type.Object(
  {
    requestVolume: Type.Integer({ minimum: 1, default: 20, description: 'Calls in the window below which it never opens.' }),
    errorThreshold: Percentage({ default: '50%', description: 'The share of failures at which it opens.' }),
    window: Duration({ default: '10s', description: 'How far back it looks, in ten buckets.' }),
    sleepWindow: Duration({ default: '5s', description: 'How long it stays open before one call is let through as a trial.' }),
    countRefusals: Type.Boolean({
      default: false,
      description:
        'Whether a refusal at the concurrency limit is a failure, as in Hystrix; an overloaded service is then shut off altogether.',
    }),
    force: Type.Optional(
      OneOf(['open', 'closed'], { description: '`open` refuses every call, `closed` none. Default: neither; it decides by itself.' }),
    ),
  },
  { ...closed, default: {}, description: "Hystrix's circuit breaker, for the service as a whole; an open one answers 503 at once." },
);
export type CircuitBreakerConfig = Static<typeof CircuitBreaker>;

export const Concurrency = Type.Object(
  {
    limit: Type.Integer({
      minimum: 1,
      default: 200,
      description: 'Tries under way at once; more wait in the queue or are refused with 503.',
    }),
    queue: Type.Integer({ minimum: 0, default: 0, description: 'How many may wait for a place, those of higher `priority` first.' }),
    adaptive: Type.Boolean({
      default: false,
      description: 'Finds the limit by itself (Gradient2 of concurrency-limits), between `min` and `max`.',
    }),
    min: Type.Integer({ minimum: 1, default: 20, description: 'With `adaptive`: the lowest limit, and the first.' }),
    max: Type.Integer({ minimum: 1, default: 1000, description: 'With `adaptive`: the highest limit.' }),
  },
  { ...closed, default: {}, description: 'The bulkhead of the service: `limit`, or `adaptive` with `min` and `max`.' },
);
export type ConcurrencyConfig = Static<typeof Concurrency>;

export const Outlier = Type.Object(
  {
    consecutiveErrors: Type.Integer({ minimum: 1, default: 5, description: 'Failures in a row that eject an endpoint.' }),
    interval: Duration({ default: '10s', description: 'A time without an ejection after which one earlier ejection is forgotten.' }),
    baseEjection: Duration({ default: '30s', description: 'The first ejection; the n-th is n times as long, at most 300 s.' }),
    maxEjected: Percentage({
      default: '10%',
      description: 'Endpoints out at once; always at least one of several, never the only one. `0%` turns ejection off.',
    }),
    panicThreshold: Percentage({
      default: '50%',
      description: 'When fewer endpoints than this are available, all are used: a bad choice beats none.',
    }),
  },
  { ...closed, default: {}, description: 'Taking a failing endpoint out of the rotation; one real request brings it back.' },
);
export type OutlierConfig = Static<typeof Outlier>;

export const HealthCheck = Type.Object(
  {
    path: Type.String({ format: 'path-prefix', description: 'Asked with GET; 2xx and 3xx are healthy.' }),
    interval: Duration({ default: '5s', description: 'Between two checks of an endpoint, a tenth more or less.' }),
    timeout: Duration({ default: '1s', description: 'For one check.' }),
    unhealthyAfter: Type.Integer({ minimum: 1, default: 2, description: 'Failed checks in a row that take an endpoint out.' }),
    healthyAfter: Type.Integer({ minimum: 1, default: 2, description: 'Good checks in a row that bring it back.' }),
  },
  { ...closed, description: 'Asking every endpoint how it is. Default: nobody is asked.' },
);
export type HealthCheckConfig = Static<typeof HealthCheck>;
