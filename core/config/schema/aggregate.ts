/** `routes[].aggregate`: several services, one answer. */
import Type, { type Static } from 'typebox';
import { Duration, NAME_PATTERN, Size } from './scalars.ts';

const closed = { additionalProperties: false } as const;

const Part = Type.Object(
  {
    service: Type.String({ description: 'The service that has this part.' }),
    path: Type.String({
      format: 'part-path',
      description:
        'Where it has it, perhaps with a query: `{name}` is a parameter of the route, `{claims.name}` a claim of the user, `{query.name}` a query parameter of the request, `{parts.name.field}` a field of another part, which is then had first.',
      examples: ['/users/{id}', '/orders?user={id}', '/teams/{parts.user.team}'],
    }),
    required: Type.Boolean({ default: false, description: 'Whether there is no answer without it.' }),
    default: Type.Optional(Type.Unsafe<unknown>({ description: 'What stands in its place when it cannot be had; left out otherwise.' })),
    timeout: Type.Optional(Duration({ description: 'How long it may take, within `timeouts.request` of its service.' })),
    limit: Size({ default: '1MiB', description: 'How large it may be.' }),
  },
  closed,
);
export type PartConfig = Static<typeof Part>;

export const Aggregate = Type.Object(
  {
    parts: Type.Unsafe<Readonly<Record<string, PartConfig>>>({
      type: 'object',
      minProperties: 1,
      description: 'The parts, by name. Each is a GET that a JSON document answers; all are had at once, but those that use another.',
      patternProperties: { [NAME_PATTERN]: Part },
      additionalProperties: false,
    }),
    merge: Type.Boolean({
      default: false,
      description:
        'Whether the fields of all parts make one object, the later part before the earlier one; otherwise each part stands under its name.',
    }),
  },
  { ...closed, description: 'Several services, one JSON answer, in place of `service`.' },
);
export type AggregateConfig = Static<typeof Aggregate>;
