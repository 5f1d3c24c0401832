/** `public.jwt`: how users are known. */
import Type, { type Static } from 'typebox';
import { Duration, OneOf } from './scalars.ts';

const closed = { additionalProperties: false } as const;

const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'HS256', 'HS384', 'HS512'] as const;

export const Jwt = Type.Object(
  {
    issuer: Type.String({ minLength: 1, description: 'The claim `iss`, to the letter.' }),
    audience: Type.String({ minLength: 1, description: 'Must be the claim `aud`, or one of its values.' }),
    jwks: Type.Optional(
      Type.String({ format: 'http-url', description: 'The URL of the key set. One of `jwks`, `publicKey` and `secret`.' }),
    ),
    publicKey: Type.Optional(Type.String({ description: 'A PEM file; relative to the configuration file.' })),
    secret: Type.Optional(
      Type.String({ minLength: 32, description: 'A shared secret for HS256, HS384 or HS512; take it from the environment.' }),
    ),
    algorithms: Type.Array(OneOf(algorithms, { description: 'An algorithm.' }), {
      minItems: 1,
      default: ['RS256', 'ES256'],
      description: 'The algorithms accepted. With `secret` only HS algorithms (default HS256), otherwise none of them.',
    }),
    from: Type.Array(
      Type.Union([
        Type.Literal('bearer'),
        Type.Object({ cookie: Type.String({ format: 'token', description: 'The name of a cookie.' }) }, closed),
      ]),
      {
        minItems: 1,
        default: ['bearer'],
        description: 'Where the token is looked for: `bearer` (the Authorization header), `{ cookie: name }`.',
      },
    ),
    scopes: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description: 'Every scope there is. When given, a route that asks for another is an error. Default: any.',
      }),
    ),
    clockTolerance: Duration({ default: '5s', description: 'How far clocks may differ when `exp` and `nbf` are read.' }),
  },
  { ...closed, description: 'How access tokens are verified.' },
);
export type JwtConfig = Static<typeof Jwt>;
