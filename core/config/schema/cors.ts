/** `public.cors`: which pages may call. */
import Type, { type Static } from 'typebox';
import { Duration } from './scalars.ts';

const closed = { additionalProperties: false } as const;

export const Cors = Type.Object(
  {
    origins: Type.Array(Type.String({ format: 'origin' }), {
      minItems: 1,
      description: 'Origins of pages that may call; `*` for any, then without credentials.',
    }),
    methods: Type.Array(Type.String({ format: 'method' }), {
      default: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      description: 'Methods that a preflight allows.',
    }),
    headers: Type.Optional(
      Type.Array(Type.String({ format: 'token' }), {
        description: 'Request header fields a preflight allows. Default: those it asks for.',
      }),
    ),
    exposeHeaders: Type.Array(Type.String({ format: 'token' }), {
      default: [],
      description: 'Response header fields that a page may read.',
    }),
    credentials: Type.Boolean({ default: false, description: 'Whether cookies may be sent.' }),
    maxAge: Duration({ default: '10m', description: 'How long a browser may remember a preflight.' }),
  },
  { ...closed, description: 'Which pages of other origins may call (Fetch standard).' },
);
export type CorsConfig = Static<typeof Cors>;
