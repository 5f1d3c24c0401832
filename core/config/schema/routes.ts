/** `routes`: who may reach what, and how, in the vocabulary of the Kubernetes Gateway API. */
import Type, { type Static } from 'typebox';
import { Aggregate } from './aggregate.ts';
import { RouteCache } from './cache.ts';
import { Operation, Validate } from './contract.ts';
import { Filters } from './filters.ts';
import { NAME_PATTERN, OneOf, Rate } from './scalars.ts';
import { Split, SplitOn } from './split.ts';
import { Values } from './values.ts';

const closed = { additionalProperties: false } as const;

/** From the last to be turned away to the first. */
export const priorities = ['critical', 'normal', 'background'] as const;
export type Priority = (typeof priorities)[number];

export const Match = Type.Object(
  {
    path: Type.Optional(
      Type.String({
        format: 'path-pattern',
        description: 'The whole path; `{name}` stands for one element; with `~` first, a regular expression for the whole path.',
        examples: ['/orders/{id}', '~/v[0-9]+/status'],
      }),
    ),
    pathPrefix: Type.Optional(
      Type.String({ format: 'path-prefix', description: 'By path element: `/orders` matches `/orders` and `/orders/1`, not `/ordersX`.' }),
    ),
    hosts: Type.Optional(
      Type.Array(Type.String({ format: 'host-pattern' }), {
        minItems: 1,
        description: 'Host names, without a port; `*.example.com` stands for any name under it. Default: every host.',
      }),
    ),
    methods: Type.Optional(
      Type.Array(Type.String({ format: 'method' }), { minItems: 1, description: 'Methods. GET answers HEAD too. Default: every method.' }),
    ),
    headers: Type.Optional(
      Values('Header fields, all of which must match; `~` first for a regular expression.', { type: 'string', format: 'token' }),
    ),
    queryParams: Type.Optional(Values('Query parameters, all of which must match; `~` first for a regular expression.')),
    cookies: Type.Optional(
      Values('Cookies, all of which must match; `~` first for a regular expression.', { type: 'string', format: 'token' }),
    ),
  },
  { ...closed, description: 'Which requests the route takes: one of `path` and `pathPrefix`, and every other condition given.' },
);
export type MatchConfig = Static<typeof Match>;

const Rewrite = Type.Object(
  {
    stripPrefix: Type.Optional(Type.String({ format: 'path-prefix', description: 'Taken from the front of the path.' })),
    prefixPath: Type.Optional(Type.String({ format: 'path-template', description: 'Put in front of the path, after `stripPrefix`.' })),
    path: Type.Optional(
      Type.String({
        format: 'path-template',
        description:
          'The new path; `{name}` is a parameter of the route, `{claims.name}` a claim of the user, each encoded as one path element.',
      }),
    ),
  },
  {
    ...closed,
    minProperties: 1,
    description: 'How the path changes on the way to the service: `path`, or `stripPrefix` and `prefixPath`.',
  },
);
export type RewriteConfig = Static<typeof Rewrite>;

export const PublicExposure = Type.Object(
  {
    access: Type.Optional(
      OneOf(['authenticated', 'anonymous'], {
        default: 'authenticated',
        description: '`anonymous` lets everybody in; a token is not looked at.',
      }),
    ),
    scopes: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), { description: 'All of these scopes (claim `scope`, space separated, or `scp`).' }),
    ),
    claims: Type.Optional(
      Type.Unsafe<Readonly<Record<string, readonly (string | number | boolean)[]>>>({
        type: 'object',
        description: 'Every claim named must have one of its values.',
        additionalProperties: { type: 'array', minItems: 1, items: { type: ['string', 'number', 'boolean'] } },
      }),
    ),
    rateLimit: Type.Optional(Rate({ description: "Replaces the gateway's for this route and is counted apart.", examples: ['20/m'] })),
  },
  { ...closed, description: 'Through the public gateway. `{}`: any authenticated user.' },
);
export type PublicExposure = Static<typeof PublicExposure>;

export const PrivateExposure = Type.Object(
  {
    callers: Type.Array(Type.String(), {
      minItems: 1,
      description: 'The callers, named under `private.callers`, that may use this route.',
    }),
    rateLimit: Type.Optional(Rate({ description: "Replaces the caller's limit for this route and is counted apart." })),
  },
  { ...closed, description: 'Through the private gateway.' },
);
export type PrivateExposure = Static<typeof PrivateExposure>;

export const Exposure = (description: string) =>
  Type.Object({ public: Type.Optional(PublicExposure), private: Type.Optional(PrivateExposure) }, { ...closed, description });

/** Statuses of which no answer has a body (RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5). */
export const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

const Fallback = Type.Object(
  {
    status: Type.Optional(Type.Integer({ minimum: 200, maximum: 599, description: 'A prepared answer, with `headers` and `body`.' })),
    headers: Type.Optional(
      Type.Unsafe<Readonly<Record<string, string>>>({
        type: 'object',
        description: 'Its header fields.',
        propertyNames: { type: 'string', format: 'token' },
        additionalProperties: { type: 'string' },
      }),
    ),
    body: Type.Optional(Type.Unsafe<unknown>({ description: 'Its body: text as it is, anything else as JSON.' })),
    service: Type.Optional(Type.String({ description: 'Another service, which is asked instead.' })),
  },
  {
    ...closed,
    description: 'What answers when the service cannot: without an answer of it, or with 502, 503 or 504. `status`, or `service`.',
  },
);
export type FallbackConfig = Static<typeof Fallback>;

export const Route = Type.Object(
  {
    name: Type.String({ pattern: NAME_PATTERN, description: 'Names the route in logs, metrics and traces; unique.' }),
    match: Match,
    service: Type.Optional(Type.String({ description: 'The service that answers; or `split`, or `aggregate`.' })),
    split: Type.Optional(Split),
    splitOn: Type.Optional(SplitOn),
    aggregate: Type.Optional(Aggregate),
    expose: Exposure('The gateways through which the route is reachable. None named: no way in.'),
    rewrite: Type.Optional(Rewrite),
    validate: Type.Optional(Validate),
    operation: Type.Optional(Operation),
    upgrade: Type.Optional(
      Type.Array(OneOf(['websocket'], { description: 'A protocol.' }), {
        minItems: 1,
        description: 'Protocols a client may upgrade to. An upgrade not named here is ignored, as RFC 9110 section 7.8 allows.',
      }),
    ),
    priority: OneOf(priorities, {
      default: 'normal',
      description: 'Who is turned away first when the service, or the gateway itself, is full: `background`, then `normal`.',
    }),
    cache: Type.Optional(RouteCache),
    fallback: Type.Optional(Fallback),
    filters: Type.Optional(Filters),
    normalizeErrors: Type.Optional(Type.Boolean({ description: "Replaces the gateway's `normalizeErrors` for this route." })),
  },
  closed,
);
export type RouteConfig = Static<typeof Route>;

export const Routes = Type.Array(Route, {
  description: 'Who may reach what, and how. Order decides only between routes that are equal otherwise.',
});
