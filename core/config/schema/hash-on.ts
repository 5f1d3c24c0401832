/** By what of a request a client is known again. */
import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;

export const HashOn = (options: { description: string }) =>
  Type.Union(
    [
      Type.Literal('clientAddress'),
      Type.Object({ header: Type.String({ format: 'token', description: 'The name of a header field.' }) }, closed),
      Type.Object({ cookie: Type.String({ format: 'token', description: 'The name of a cookie.' }) }, closed),
      Type.Object({ claim: Type.String({ minLength: 1, description: 'The name of a claim of the access token.' }) }, closed),
    ],
    options,
  );
export type HashOn = Static<ReturnType<typeof HashOn>>;
