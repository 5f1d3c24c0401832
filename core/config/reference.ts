// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is what the configuration has
/** The configuration reference in the README, written from the schema: a table for each object. */
import { either } from './describe.ts';
import { inputSchema, type SchemaNode } from './input-schema.ts';

interface Section {
  readonly title: string;
  readonly node: SchemaNode;
}

/** Markdown, without a heading of its own above the sections. */
export function configurationReference(): string {
  const parts = [conventions, ...sectionsOf('', inputSchema).map(render)];
  return `${parts.join('\n\n')}\n`;
}

const conventions = [
  'Durations are written `250ms`, `2s`, `1m`, `1h`; sizes `512B`, `16KiB`, `1MiB`, `1GiB`; rates `100/s`, `20/m`, `1000/h`; percentages `10%`.',
  '`${NAME}` and `${NAME:-default}` are read from the environment (`$${` stands for `${`). Files are relative to the configuration file.',
].join('\n');

/** Every object with keys of its own, in the order of the file. */
function sectionsOf(path: string, node: SchemaNode): Section[] {
  if (node.properties === undefined) return [];
  const inner = Object.entries(node.properties).flatMap(([key, child]) => under(path === '' ? key : `${path}.${key}`, child));
  return [{ title: path, node }, ...inner];
}

function under(path: string, node: SchemaNode): Section[] {
  if (node.properties !== undefined) return sectionsOf(path, node);
  const named = Object.values(node.patternProperties ?? {}).flatMap((child) => under(`${path}.NAME`, child));
  const listed = node.items === undefined ? [] : under(`${path}[]`, node.items);
  // A form that is an object with several keys has a table; one with a single key is shown whole in its type.
  const forms = (node.anyOf ?? [])
    .filter(({ properties }) => Object.keys(properties ?? {}).length > 1)
    .flatMap((form) => under(path, form));
  return [...named, ...listed, ...forms];
}

function render({ title, node }: Section): string {
  const heading = title === '' ? '### The file' : `### \`${title}\``;
  const rows = Object.entries(node.properties ?? {}).map(([key, child]) => {
    const cells = [`\`${key}\``, typeOf(child), defaultOf(key, child, node), meaningOf(child)];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  });
  const table = ['| Key | Type | Default | Meaning |', '|---|---|---|---|', ...rows].join('\n');
  const lead = node.description === undefined || title === '' ? [] : [node.description];
  return [heading, ...lead, table].join('\n\n');
}

const unitNames: Readonly<Record<string, string>> = {
  'endpoint-url': 'URL of an endpoint',
  'http-url': 'URL',
  'called-host': 'host',
  'path-pattern': 'path',
  'path-prefix': 'path',
  'path-template': 'path template',
  'host-pattern': 'host',
  'value-pattern': 'value or `~` pattern',
  cidr: 'address or range',
  token: 'name',
};

function typeOf(node: SchemaNode): string {
  if (node.anyOf !== undefined) return either(node.anyOf.map(typeOf));
  if (node.const !== undefined) return `\`${String(node.const)}\``;
  if (node.enum !== undefined) return either(node.enum.map((word) => `\`${String(word)}\``));
  if (node.type === undefined) return 'anything';
  return either([node.type ?? 'string'].flat().map((type) => plainType(node, type)));
}

function plainType(node: SchemaNode, type: string): string {
  switch (type) {
    case 'array':
      return `list of ${node.items === undefined ? 'anything' : typeOf(node.items)}`;
    case 'integer':
      return 'whole number';
    case 'string':
      return node.format === undefined ? 'text' : (unitNames[node.format] ?? node.format);
    case 'object':
      return objectType(node);
    default:
      return type === 'boolean' ? '`true` or `false`' : type;
  }
}

function objectType(node: SchemaNode): string {
  const keys = Object.keys(node.properties ?? {});
  if (keys.length > 0) return keys.length > 3 ? 'object' : `object (${keys.map((key) => `\`${key}\``).join(', ')})`;
  const [value] = [
    ...Object.values(node.patternProperties ?? {}),
    ...(typeof node.additionalProperties === 'object' ? [node.additionalProperties] : []),
  ];
  return `names, each with ${value === undefined ? 'anything' : value.properties === undefined ? typeOf(value) : 'an object'}`;
}

function defaultOf(key: string, child: SchemaNode, parent: SchemaNode): string {
  if (parent.required?.includes(key)) return '*required*';
  if (child.default === undefined || (child.type === 'object' && child.properties !== undefined)) return '';
  return `\`${Array.isArray(child.default) ? `[${child.default.join(', ')}]` : typeof child.default === 'object' ? JSON.stringify(child.default) : String(child.default)}\``;
}

function meaningOf(node: SchemaNode): string {
  const examples = (node.examples ?? []).map((example) => `\`${typeof example === 'object' ? JSON.stringify(example) : String(example)}\``);
  const shown = examples.length === 0 ? [] : [`E.g. ${examples.join(', ')}.`];
  return [node.description ?? '', ...shown].filter((part) => part !== '').join(' ');
}
