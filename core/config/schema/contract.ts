/** `services.NAME.openapi` and `routes[].validate`: what a service and its callers have agreed on. */
import Type, { type Static } from 'typebox';
import { OneOf, Percentage, Size } from './scalars.ts';

export const modes = ['off', 'report', 'enforce'] as const;
export type ValidationMode = (typeof modes)[number];

export const Validate = Type.Object(
  {
    request: OneOf(modes, {
      default: 'off',
      description: 'Requests: `enforce` refuses what the contract does not allow, `report` counts and logs it.',
    }),
    response: OneOf(modes, {
      default: 'off',
      description: 'Answers: `enforce` answers 502 in place of one that breaks the contract, `report` counts and logs it.',
    }),
    sampling: Percentage({ default: '100%', description: 'How many of the exchanges are looked at, where no request is to be refused.' }),
    maxBody: Size({
      default: '1MiB',
      description: 'Bodies up to this are looked into. A larger request is refused under `enforce`; all others pass and are counted.',
    }),
  },
  {
    additionalProperties: false,
    description: "Whether requests and answers are held against the service's OpenAPI document, as the service sees them.",
  },
);
export type ValidateConfig = Static<typeof Validate>;

export const OpenApi = Type.String({
  minLength: 1,
  description: 'Its contract: the file of an OpenAPI 3.0 or 3.1 document, YAML or JSON, relative to this file.',
});

export const RoutesFrom = OneOf(['openapi'], {
  description: 'Makes a route of every operation that is exposed, by `expose` here or by its own `x-postern`; a route of this file wins.',
});

export const Operation = Type.String({
  minLength: 1,
  description:
    'The one operation of the contract that the route is for: what the contract takes for another one is not found here. Routes of `routesFrom` have theirs.',
  examples: ['GET /orders/{id}'],
});
