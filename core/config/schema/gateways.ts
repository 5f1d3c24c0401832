/** `public` and `private`: the two gateways. What they share stands first. */
import Type, { type Static } from 'typebox';
import { GatewayCache } from './cache.ts';
import { Cors } from './cors.ts';
import { Filters } from './filters.ts';
import { Jwt } from './jwt.ts';
import { Duration, NAME_PATTERN, Percentage, Rate, Size } from './scalars.ts';

const closed = { additionalProperties: false } as const;

const tlsFiles = {
  cert: Type.String({ description: 'A PEM file with the certificate chain; relative to the configuration file.' }),
  key: Type.String({ description: 'A PEM file with its key.' }),
};
const PublicTls = Type.Object(tlsFiles, { ...closed, description: 'Turns on HTTPS and HTTP/2.' });
const PrivateTls = Type.Object(
  {
    ...tlsFiles,
    clientCa: Type.Optional(Type.String({ description: 'A PEM file with the authorities that sign callers; turns on mutual TLS.' })),
  },
  { ...closed, description: 'Turns on HTTPS and HTTP/2, with `clientCa` mutual TLS.' },
);

const Listen = <Tls extends typeof PublicTls | typeof PrivateTls>(port: number, tls: Tls) =>
  Type.Object(
    {
      host: Type.String({ default: '0.0.0.0', description: 'The address to listen on.' }),
      port: Type.Integer({ minimum: 0, maximum: 65535, default: port, description: 'The port; 0 takes any that is free.' }),
      tls: Type.Optional(tls),
    },
    { ...closed, default: {}, description: 'Where the gateway is called.' },
  );

const Admin = (port: number, other: 'public' | 'private') =>
  Type.Object(
    {
      host: Type.String({ default: '127.0.0.1', description: 'The address to listen on; keep it on loopback or a network of operators.' }),
      port: Type.Integer({ minimum: 0, maximum: 65535, default: port, description: 'The port; 0 takes any that is free.' }),
      peer: Type.Optional(
        Type.Union([Type.String({ format: 'http-url' }), Type.Literal(false)], {
          description: `The admin port of the ${other} gateway, which the dashboard shows beside this one; \`false\` for none. Default: where \`${other}.admin\` says that it listens, on this machine if that is every address.`,
          examples: [`http://${other}-gateway:9080`],
        }),
      ),
      token: Type.Optional(
        Type.String({
          minLength: 16,
          description:
            'What `Authorization: Bearer` must have for changes, and, where `host` is not loopback, for all but health and metrics; take it from the environment. Default: one that is made at the first start, in `admin-token` in the folder of `registry.lastKnown`.',
        }),
      ),
    },
    { ...closed, default: {}, description: 'Health, metrics, the admin API and the dashboard, on a port of their own.' },
  );

const Limits = (body: string, headers: string) =>
  Type.Object(
    {
      body: Size({ default: body, description: 'The largest request body; more is refused with 413.' }),
      headers: Size({ default: headers, description: 'The request line and all header fields together; more is refused with 431.' }),
      headersTimeout: Duration({ default: '10s', description: 'For a request head to arrive whole.' }),
      requestTimeout: Duration({
        default: '60s',
        description: 'For a request to arrive whole; a body that keeps coming past it is cut with 408.',
      }),
      connections: Type.Integer({ minimum: 1, default: 20000, description: 'Client connections at once; more are closed as they come.' }),
    },
    { ...closed, default: {}, description: 'What a client may take.' },
  );
export type LimitsConfig = Static<ReturnType<typeof Limits>>;

const NormalizeErrors = Type.Boolean({
  default: false,
  description: 'Whether errors of services (4xx and 5xx) become problem documents as those of the gateway are.',
});

const Drain = Type.Object(
  {
    grace: Duration({ default: '5s', description: 'After SIGTERM: unready, but still accepting, while load balancers look away.' }),
    deadline: Duration({ default: '30s', description: 'After that: how long requests under way may take before they are cut.' }),
  },
  { ...closed, default: {}, description: 'How the gateway stops.' },
);
export type DrainConfig = Static<typeof Drain>;

const Overload = Type.Object(
  {
    eventLoopDelay: Duration({
      default: '200ms',
      description: 'How late the event loop is, by its 99th percentile, in two half seconds in a row.',
    }),
    heap: Percentage({ default: '95%', description: 'Of the most that the heap may grow to.' }),
  },
  {
    ...closed,
    default: {},
    description:
      'Beyond these the gateway refuses with 503 and Retry-After; `critical` routes only from twice as far. Health and admin go on.',
  },
);
export type OverloadConfig = Static<typeof Overload>;

const Zone = Type.String({ minLength: 1, description: 'The zone this gateway runs in; endpoints of it are preferred. Default: none is.' });

const Register = (name: string) =>
  Type.Object(
    {
      name: Type.String({
        pattern: NAME_PATTERN,
        default: name,
        description:
          'The application that it is an instance of, in capitals, and as written the name that it is looked up by (`vipAddress`).',
      }),
      host: Type.Optional(
        Type.String({
          format: 'called-host',
          description:
            'The host that others call it by. Default: `listen.host`; where that is every address, the address from which it reaches the registry.',
        }),
      ),
      port: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 65535, description: 'The port that others call. Default: the one it listens on.' }),
      ),
    },
    {
      ...closed,
      description:
        'Registers the gateway with the servers of `registry.eureka`, or else with the embedded registry, so that it is found by its name. Default: it does not.',
    },
  );
export type RegisterConfig = Static<ReturnType<typeof Register>>;

const TrustedProxies = Type.Array(Type.String({ format: 'cidr' }), {
  default: [],
  description: 'Whose `Forwarded`, `X-Forwarded-*` and `traceparent` are believed. Default: nobody.',
});

const Debug = Type.Array(Type.String({ format: 'cidr' }), {
  default: [],
  description: 'Addresses and ranges whose `X-Postern-Debug: 1` is answered with the filters that ran, and how long each took.',
});

const DocumentPath = Type.Optional(
  Type.String({
    format: 'path-prefix',
    description:
      'Where the gateway itself tells, to anybody who may speak to it, which operations it exposes (OpenAPI 3.1); before all routes. Default: only the admin port does, at `/openapi.json`.',
    examples: ['/openapi.json'],
  }),
);

export const Public = Type.Object(
  {
    listen: Listen(8080, PublicTls),
    trustedProxies: TrustedProxies,
    jwt: Type.Optional(Jwt),
    rateLimit: Type.Optional(
      Rate({
        description: 'Counted per user (claim `sub`), and per client address (IPv6 by /64) without one. Default: no limit.',
        examples: ['100/m'],
      }),
    ),
    cors: Type.Optional(Cors),
    limits: Limits('10MiB', '16KiB'),
    overload: Overload,
    normalizeErrors: NormalizeErrors,
    cache: GatewayCache,
    filters: Type.Optional(Filters),
    debug: Debug,
    openapi: DocumentPath,
    zone: Type.Optional(Zone),
    register: Type.Optional(Register('public-gateway')),
    drain: Drain,
    admin: Admin(9080, 'private'),
  },
  { ...closed, default: {}, description: 'The edge: frontends call it.' },
);
export type PublicConfig = Static<typeof Public>;

export const Caller = Type.Object(
  {
    from: Type.Optional(
      Type.Array(Type.String({ format: 'cidr' }), { minItems: 1, description: 'Source addresses: IPv4 or IPv6, single or CIDR.' }),
    ),
    certificate: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'A DNS name (or, without any, the common name) of its certificate, with mutual TLS. With `from`, both must hold.',
      }),
    ),
    rateLimit: Type.Optional(Rate({ description: "Replaces the gateway's for this caller." })),
  },
  { ...closed, minProperties: 1 },
);
export type CallerConfig = Static<typeof Caller>;

export const Private = Type.Object(
  {
    listen: Listen(8081, PrivateTls),
    trustedProxies: TrustedProxies,
    callers: Type.Unsafe<Readonly<Record<string, CallerConfig>>>({
      type: 'object',
      description: 'Who is calling, by source address. The first caller whose `from` has the address is it.',
      patternProperties: { [NAME_PATTERN]: Caller },
      additionalProperties: false,
      default: {},
    }),
    rateLimit: Type.Optional(
      Rate({ description: 'Per calling service, unless the caller names its own. Default: no limit.', examples: ['500/s'] }),
    ),
    limits: Limits('50MiB', '32KiB'),
    overload: Overload,
    normalizeErrors: NormalizeErrors,
    cache: GatewayCache,
    filters: Type.Optional(Filters),
    debug: Debug,
    openapi: DocumentPath,
    zone: Type.Optional(Zone),
    register: Type.Optional(Register('private-gateway')),
    drain: Drain,
    admin: Admin(9081, 'public'),
  },
  { ...closed, default: {}, description: 'The inside: services call it.' },
);
export type PrivateConfig = Static<typeof Private>;
/** What both sections have. */
export type GatewayConfig = Pick<
  PublicConfig,
  | 'listen'
  | 'trustedProxies'
  | 'limits'
  | 'overload'
  | 'normalizeErrors'
  | 'cache'
  | 'filters'
  | 'debug'
  | 'openapi'
  | 'zone'
  | 'register'
  | 'drain'
  | 'admin'
>;
