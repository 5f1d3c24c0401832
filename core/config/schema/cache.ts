/** `cache`: of a route, what is stored of its answers; of a gateway, how much of all. */
import Type, { type Static } from 'typebox';
import { Duration, Size } from './scalars.ts';

const closed = { additionalProperties: false } as const;

const Names = (format: string | undefined, description: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1, ...(format ? { format } : {}) }), { description }));

const CacheKey = Type.Object(
  {
    query: Names(undefined, 'The query parameters that tell answers apart, and no others. Default: the query as it is.'),
    headers: Names('token', 'Request header fields that tell answers apart, beside those that an answer names in `Vary`.'),
    cookies: Names(
      'token',
      'The cookies that tell answers apart, and no others. Default: all of them for answers that do not say how long they are fresh; else none.',
    ),
  },
  { ...closed, minProperties: 1, description: 'What tells the answers of the route apart, beside host and path.' },
);

export const RouteCache = Type.Object(
  {
    ttl: Type.Optional(
      Duration({
        description:
          'How long an answer that is no error is fresh when it does not say so itself; never against its Cache-Control. Default: a tenth of the time since its Last-Modified, at most a day. `0s`: not at all.',
      }),
    ),
    staleIfError: Duration({
      default: '0s',
      description:
        'How long a stale answer may stand in when the service fails (no answer, 500, 502, 503, 504), where the answer does not say (RFC 5861).',
    }),
    staleWhileRevalidate: Duration({
      default: '0s',
      description: 'How long a stale answer may be given while the service is asked anew, where the answer does not say (RFC 5861).',
    }),
    maxBody: Size({ default: '1MiB', description: 'The largest body that is stored; a larger one only passes.' }),
    perUser: Type.Boolean({
      default: false,
      description:
        'Whether answers to users who were authenticated are stored for each user apart. Otherwise they are stored only when they say that they may be shared (`public`, `s-maxage`, `must-revalidate`).',
    }),
    clientDirectives: Type.Boolean({
      default: true,
      description: 'Whether Cache-Control of a request is heeded, such as the `no-cache` of a browser that reloads.',
    }),
    key: Type.Optional(CacheKey),
  },
  { ...closed, description: 'Answers to GET are stored and given again, by the rules for shared caches of RFC 9111. Default: nothing is.' },
);
export type RouteCacheConfig = Static<typeof RouteCache>;

export const GatewayCache = Type.Object(
  {
    memory: Size({ default: '64MiB', description: 'What stored answers may take; those used least recently go first.' }),
  },
  { ...closed, default: {}, description: 'The cache of the gateway, which its routes share.' },
);
export type GatewayCacheConfig = Static<typeof GatewayCache>;
