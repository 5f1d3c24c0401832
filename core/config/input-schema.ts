/** The configuration's schema as the file must satisfy it, before defaults: what has a default may be left out. */
import type { Path } from './finding.ts';
import { ConfigSchema } from './schema/index.ts';

/** The part of JSON Schema (draft-07) that the schema uses. */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly propertyNames?: SchemaNode;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
}

/** The same schema with every node changed by `change`, from the leaves up. */
export function mapSchema(node: SchemaNode, change: (node: SchemaNode) => SchemaNode): SchemaNode {
  const each = (nodes: Readonly<Record<string, SchemaNode>>): Record<string, SchemaNode> =>
    Object.fromEntries(Object.entries(nodes).map(([key, child]) => [key, mapSchema(child, change)]));
  return change({
    ...node,
    ...(node.properties && { properties: each(node.properties) }),
    ...(node.patternProperties && { patternProperties: each(node.patternProperties) }),
    ...(typeof node.additionalProperties === 'object' && { additionalProperties: mapSchema(node.additionalProperties, change) }),
    ...(node.propertyNames && { propertyNames: mapSchema(node.propertyNames, change) }),
    ...(node.items && { items: mapSchema(node.items, change) }),
    ...(node.anyOf && { anyOf: node.anyOf.map((child) => mapSchema(child, change)) }),
  });
}

/** typebox counts a key with a default as required, because a loaded configuration has it. */
function withoutDefaulted(node: SchemaNode): SchemaNode {
  if (node.required === undefined) return node;
  const { required, ...rest } = node;
  const left = required.filter((key) => node.properties?.[key]?.default === undefined);
  return left.length === 0 ? rest : { ...rest, required: left };
}

// Through JSON, to leave behind what typebox attaches for itself.
export const inputSchema: SchemaNode = mapSchema(JSON.parse(JSON.stringify(ConfigSchema)) as SchemaNode, withoutDefaulted);

/** The schema of one key of an object, whether the schema names the key or only its kind. */
export function childOf(node: SchemaNode, key: string): SchemaNode | undefined {
  if (node.properties !== undefined && Object.hasOwn(node.properties, key)) return node.properties[key];
  for (const [pattern, child] of Object.entries(node.patternProperties ?? {})) if (new RegExp(pattern).test(key)) return child;
  return typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined;
}

const branches = (node: SchemaNode): SchemaNode[] => (node.anyOf === undefined ? [node] : node.anyOf.flatMap(branches));

/** The schemas that may stand at a path: several below an `anyOf`. */
export function schemasAt(path: Path, root: SchemaNode = inputSchema): SchemaNode[] {
  let nodes = branches(root);
  for (const segment of path) {
    nodes = nodes.flatMap((node) => {
      const child = typeof segment === 'number' ? node.items : childOf(node, segment);
      return child === undefined ? [] : branches(child);
    });
  }
  return nodes;
}

export const hasType = (node: SchemaNode, type: string): boolean =>
  node.type === undefined ? [node.const, ...(node.enum ?? [])].some((value) => typeof value === type) : [node.type].flat().includes(type);
