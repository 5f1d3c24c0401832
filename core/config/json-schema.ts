/** The configuration's schema for editors (draft-07): completion, descriptions, and a red line under a wrong unit. */
import { formats } from './formats.ts';
import { inputSchema, mapSchema, type SchemaNode } from './input-schema.ts';

export interface EditorSchema extends SchemaNode {
  readonly $schema: string;
  readonly title: string;
}

export function jsonSchema(): EditorSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Postern configuration',
    description: 'One catalogue of services and routes, and the two gateways that expose it.',
    ...mapSchema(inputSchema, forEditors),
  };
}

/** `${NAME}` may stand for any value that is not a list or an object. */
const substitution = '\\$\\{[A-Za-z_]';
const isSubstitution: SchemaNode = { type: 'string', pattern: substitution };

function forEditors(node: SchemaNode): SchemaNode {
  const { format, ...rest } = node;
  if (node.enum !== undefined || node.const !== undefined) return choice(rest);
  if (node.type === 'integer' || node.type === 'number' || node.type === 'boolean')
    return { ...rest, type: [node.type, 'string'], pattern: substitution };
  // Editors know other formats by these names (an ISO 8601 `duration`); a pattern says the same to all of them.
  const pattern = node.pattern ?? (format === undefined ? undefined : formats[format]?.pattern);
  if (node.type !== 'string') return rest;
  // `${SECRET}` is shorter than what it stands for.
  const { minLength, ...text } = rest;
  const shortest = minLength === undefined || minLength > 1 ? text : rest;
  return pattern === undefined ? shortest : { ...shortest, pattern: `${pattern}|${substitution}` };
}

function choice({ enum: words, const: word, type, ...rest }: SchemaNode): SchemaNode {
  const values: SchemaNode = {
    ...(type !== undefined && { type }),
    ...(words !== undefined && { enum: words }),
    ...(word !== undefined && { const: word }),
  };
  return { ...rest, anyOf: [values, isSubstitution] };
}
