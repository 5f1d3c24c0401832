/** `routes[].split`: several services behind one route, each with a share. */
import Type, { type Static } from 'typebox';
import { HashOn } from './hash-on.ts';
import { Values } from './values.ts';

const closed = { additionalProperties: false } as const;

const TOKENS = { type: 'string', format: 'token' } as const;

const Branch = Type.Object(
  {
    service: Type.String({ description: 'A service.' }),
    weight: Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      default: 1,
      description: 'Its share beside the others; 0 for a service that only `match` sends requests to.',
    }),
    match: Type.Optional(
      Type.Object(
        {
          headers: Type.Optional(Values('Header fields, all of which must match; `~` first for a regular expression.', TOKENS)),
          queryParams: Type.Optional(Values('Query parameters, all of which must match; `~` first for a regular expression.')),
          cookies: Type.Optional(Values('Cookies, all of which must match; `~` first for a regular expression.', TOKENS)),
        },
        { ...closed, minProperties: 1, description: 'Requests that go here whatever the weights say; of several services the first.' },
      ),
    ),
  },
  closed,
);
export type BranchConfig = Static<typeof Branch>;

export const Split = Type.Array(Branch, {
  minItems: 1,
  description: 'Several services, in place of `service`: each gets its share of the requests.',
});

export const SplitOn = HashOn({
  description: 'Who is sent to the same service each time: requests with the same value. Default: every request is drawn anew.',
});
