/** `filters` of a route or a gateway: what changes requests on the way down and answers on the way back. */
import Type, { type Static } from 'typebox';
import { Duration, OneOf, Percentage, Size } from './scalars.ts';

const closed = { additionalProperties: false } as const;

const Fields = (description: string) =>
  Type.Unsafe<Readonly<Record<string, string>>>({
    type: 'object',
    minProperties: 1,
    description,
    propertyNames: { type: 'string', format: 'token' },
    additionalProperties: { type: 'string' },
  });

const Names = (description: string) => Type.Array(Type.String({ format: 'token' }), { minItems: 1, description });

const sample = Percentage({ default: '100%', description: 'Of how many requests.' });
const evenPublic = Type.Boolean({ default: false, description: 'Whether the public gateway does it too.' });

/** What each built-in filter takes. */
const builtIn = {
  setRequestHeader: Type.Optional(Fields('Fields of the request, in place of those of the same name.')),
  addRequestHeader: Type.Optional(Fields('Fields of the request, beside those of the same name.')),
  removeRequestHeader: Type.Optional(Names('Fields that the service does not get.')),
  setResponseHeader: Type.Optional(Fields('Fields of the answer, in place of those of the same name.')),
  addResponseHeader: Type.Optional(Fields('Fields of the answer, beside those of the same name.')),
  removeResponseHeader: Type.Optional(Names('Fields that the client does not get.')),
  stripPrefix: Type.Optional(Type.String({ format: 'path-prefix', description: 'Taken from the front of the path.' })),
  prefixPath: Type.Optional(Type.String({ format: 'path-prefix', description: 'Put in front of the path.' })),
  rewritePath: Type.Optional(
    Type.Object(
      {
        from: Type.String({
          format: 'expression',
          description: 'A regular expression for the whole path, without lookaround and backreferences.',
          examples: ['/v1/(.*)'],
        }),
        to: Type.String({
          description: 'The new path; `$1` is what the first pair of parentheses took, `$<name>` a named one.',
          examples: ['/$1'],
        }),
      },
      { ...closed, description: 'Another path, where the expression matches.' },
    ),
  ),
  redirect: Type.Optional(
    Type.Object(
      {
        to: Type.String({
          minLength: 1,
          description:
            'Where the client is sent: a URL of http or https, or a path; `{name}` is a parameter of the route, `{path}` the path, `{query}` the query with its question mark.',
          examples: ['https://new.example.com{path}{query}'],
        }),
        status: Type.Unsafe<301 | 302 | 303 | 307 | 308>({
          type: 'integer',
          enum: [301, 302, 303, 307, 308],
          default: 302,
          description: 'Which kind.',
        }),
      },
      { ...closed, description: 'Answers with a redirect; the service is not called.' },
    ),
  ),
  setStatus: Type.Optional(
    Type.Integer({ minimum: 200, maximum: 599, description: 'The status of the answer, whatever the service says but 206, 304 and 416.' }),
  ),
  requestSize: Type.Optional(Size({ description: 'The largest request body, below `limits.body`; more is refused with 413.' })),
  secureHeaders: Type.Optional(
    Type.Unsafe<Readonly<Record<string, string>>>({
      type: 'object',
      description: 'Fields that make browsers careful, where the service has none; a value replaces a default, an empty one drops it.',
      propertyNames: { type: 'string', format: 'token' },
      additionalProperties: { type: 'string' },
    }),
  ),
  compress: Type.Optional(
    Type.Object(
      {
        minSize: Size({ default: '1KiB', description: 'Smaller answers are left as they are.' }),
        types: Type.Array(Type.String({ minLength: 1 }), {
          default: [
            'text/*',
            'application/json',
            'application/*+json',
            'application/javascript',
            'application/xml',
            'application/*+xml',
            'image/svg+xml',
          ],
          description: 'Content types that are worth it; `*` stands for any word.',
        }),
        encodings: Type.Array(OneOf(['zstd', 'br', 'gzip'], { description: 'An encoding.' }), {
          minItems: 1,
          default: ['br', 'zstd', 'gzip'],
          description: 'What is offered, the best first.',
        }),
      },
      { ...closed, description: 'Compresses answers for clients that accept it.' },
    ),
  ),
  mirror: Type.Optional(
    Type.Object(
      { service: Type.String({ description: 'The service that gets the copy.' }), sample },
      { ...closed, description: 'Sends a copy to another service; nobody waits for it, nobody sees its answer.' },
    ),
  ),
  delay: Type.Optional(
    Type.Object(
      { duration: Duration({ description: 'How long.' }), sample, public: evenPublic },
      { ...closed, description: 'Holds requests up, to see what comes of it.' },
    ),
  ),
  abort: Type.Optional(
    Type.Object(
      { status: Type.Integer({ minimum: 400, maximum: 599, default: 503, description: 'The status.' }), sample, public: evenPublic },
      { ...closed, description: 'Answers with a failure in place of the service, to see what comes of it.' },
    ),
  ),
  rewriteLocation: Type.Optional(
    Type.Object(
      {
        from: Type.Optional(Type.String({ format: 'path-prefix', description: 'A prefix of paths that the service tells.' })),
        to: Type.Optional(Type.String({ format: 'path-prefix', description: 'What the client is told in its place.' })),
      },
      { ...closed, description: "Turns the service's own address in `Location` into the one by which the client came." },
    ),
  ),
};

const WithOptions = Type.Object(builtIn, {
  ...closed,
  minProperties: 1,
  maxProperties: 1,
  patternProperties: { '^\\.{0,2}/': {} },
  description: 'A filter and its options.',
});
export type BuiltInOptions = Required<Static<typeof WithOptions>>;
export type BuiltInName = keyof BuiltInOptions;

/** By name alone, or as one key with its options. */
const Entry = Type.Union([Type.String({ format: 'filter' }), WithOptions]);
export type FilterEntry = Static<typeof Entry>;

export const Filters = Type.Array(Entry, {
  description:
    'What changes requests and answers: built-in filters, or modules of yours by their path from the configuration file (`./filters/audit.ts`), each alone or with its options.',
  examples: [[{ setRequestHeader: { 'x-team': 'inventory' } }, './filters/audit.ts']],
});

/** `filters`, at the top: how all filters are run. */
export const FilterSettings = Type.Object(
  {
    timeout: Duration({ default: '5s', description: 'How long one may take, the call to the service apart; then its request fails.' }),
    slow: Duration({ default: '100ms', description: 'How long one may take before the log names it.' }),
    off: Type.Array(Type.String(), { default: [], description: 'Filters that are switched off wherever they are named.' }),
  },
  { ...closed, default: {}, description: 'How filters are run.' },
);
export type FilterSettings = Static<typeof FilterSettings>;
