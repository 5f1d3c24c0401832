/** One document of what a gateway exposes: the operations that its clients reach, by the paths by which they do, and no more. */
import type { Config, RouteConfig } from '../config/schema/index.ts';
import { shape } from '../routing/path-template.ts';
import type { Route } from '../routing/route.ts';
import type { RouteTable } from '../routing/table.ts';
import type { Contract } from './contract.ts';
import type { Contracts } from './contracts.ts';
import type { Located } from './document.ts';
import { isObject, type JsonObject } from './json.ts';
import type { Operation } from './operation.ts';
import { type Outside, outsideOf } from './outside.ts';
import { under } from './parameter.ts';
import { convert } from './schema.ts';

export interface ExposedOptions {
  readonly section: 'public' | 'private';
  readonly title: string;
  readonly revision: string;
  readonly config: Pick<Config, 'public' | 'private'>;
  /** Of the routes that the gateway exposes. */
  readonly table: RouteTable;
  readonly contracts: Contracts;
}

/** OpenAPI 3.1, as JSON. */
export function exposedDocument({ section, title, revision, config, table, contracts }: ExposedOptions): string {
  const paths: Record<string, Record<string, unknown>> = {};
  const schemas = new Components(contracts);
  // Templates that differ by the names of their parameters alone are one path, and names of operations are unique (OpenAPI 3.1).
  const byShape = new Map<string, string>();
  const operationIds = new Set<string>();
  const schemes = section === 'public' ? publicSchemes(config.public) : privateSchemes(config.private);
  // In order of precedence: where two have the same method and path, the first takes the requests.
  for (const route of table.routesInOrder()) {
    const { service, split = [] } = route.config;
    for (const name of service === undefined ? split.map((branch) => branch.service) : [service]) {
      const contract = contracts.get(name);
      for (const operation of contract ? operationsBehind(route, contract) : []) {
        const outside = contract && outsideOf(route, operation, contract, table);
        if (!outside) continue;
        const method = operation.method.toLowerCase();
        const unnamed = outside.path.replace(/\{[^{}]*\}/g, '{}');
        const path = byShape.get(unnamed) ?? outside.path;
        const item = paths[path] ?? {};
        if (method in item) continue;
        byShape.set(unnamed, path);
        paths[path] = item;
        const servers = route.host === null ? {} : { servers: [{ url: `//${route.host}` }] };
        const { operationId, ...description } = described(operation, outside, name, schemas);
        const isNew = typeof operationId === 'string' && !operationIds.has(operationId);
        if (isNew) operationIds.add(operationId);
        item[method] = {
          ...(isNew ? { operationId } : {}),
          ...renamed(description, namesIn(outside.path), namesIn(path)),
          ...servers,
          security: securityOf(route.config, section, Object.keys(schemes)),
        };
      }
    }
  }
  const components = { schemas: schemas.all(), securitySchemes: schemes };
  return JSON.stringify({ openapi: '3.1.0', info: { title, version: revision }, servers: [{ url: '/' }], paths, components });
}

/** Where templates overlap (`/{x}/a` and `/a/{x}`), a route whose path is that of an operation is meant for that one alone. */
function operationsBehind({ path, config }: Route, { operations }: Contract): readonly Operation[] {
  if (config.operation !== undefined) return operations.filter(({ name }) => name === config.operation);
  if (path.kind !== 'exact' || config.rewrite) return operations;
  const own = shape(path.elements);
  const same = operations.filter(({ bases, template }) => bases.some((base) => `${base}${template}`.replace(/\{[^{}]*\}/g, '{}') === own));
  return same.length > 0 ? same : operations;
}

function publicSchemes({ jwt }: Config['public']): JsonObject {
  if (!jwt) return {};
  return Object.fromEntries(
    jwt.from.map((from) =>
      from === 'bearer'
        ? ['bearer', { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }]
        : [`cookie.${from.cookie.replace(/[^A-Za-z0-9._-]/g, '-')}`, { type: 'apiKey', in: 'cookie', name: from.cookie }],
    ),
  );
}

const privateSchemes = ({ listen: { tls } }: Config['private']): JsonObject =>
  tls?.clientCa === undefined ? {} : { certificate: { type: 'mutualTLS' } };

/** Any of the schemes will do; of a token, the scopes of the route. */
function securityOf({ expose }: RouteConfig, section: 'public' | 'private', schemes: readonly string[]): JsonObject[] {
  if (section === 'private') return schemes.map((scheme) => ({ [scheme]: [] }));
  if (expose.public?.access === 'anonymous') return [];
  return schemes.map((scheme) => ({ [scheme]: expose.public?.scopes ?? [] }));
}

const KEPT = ['summary', 'description', 'tags', 'deprecated'] as const;

function described(operation: Operation, { given, added }: Outside, service: string, schemas: Components): JsonObject {
  const { place } = operation;
  const own = place.value as JsonObject;
  const at = (...names: string[]) => schemas.at(service, place, ...names);
  const parameters = [
    ...operation.places.flatMap((found) => {
      const { name, in: where } = found.value as JsonObject;
      return where === 'path' && given.has(String(name)) ? [] : [valued(found, service, schemas)];
    }),
    ...added.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
  ];
  const body = at('requestBody');
  const { operationId } = own;
  return {
    ...(typeof operationId === 'string' ? { operationId: `${service}.${operationId}` } : {}),
    ...Object.fromEntries(KEPT.flatMap((key) => (own[key] === undefined ? [] : [[key, own[key]]]))),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body ? { requestBody: valued(body, service, schemas) } : {}),
    responses: Object.fromEntries(
      schemas.members(service, at('responses')).flatMap(([status, response]) => {
        if (status.startsWith('x-')) return [];
        const headers = schemas.members(service, schemas.at(service, response, 'headers'));
        const shown = headers.map(([name, header]) => [name, valued(header, service, schemas)]);
        return [[status, { ...valued(response, service, schemas), ...(shown.length === 0 ? {} : { headers: Object.fromEntries(shown) }) }]];
      }),
    ),
  };
}

const namesIn = (path: string): string[] => [...path.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name as string);

/** An operation whose path has other names for its parameters. */
function renamed(operation: JsonObject, from: readonly string[], to: readonly string[]): JsonObject {
  const { parameters } = operation;
  if (!Array.isArray(parameters)) return operation;
  const nameOf = (name: string) => to[from.indexOf(name)] ?? name;
  return { ...operation, parameters: parameters.map((one) => (one.in === 'path' ? { ...one, name: nameOf(one.name) } : one)) };
}

const OF_A_VALUE = [
  'name',
  'in',
  'description',
  'required',
  'deprecated',
  'allowEmptyValue',
  'style',
  'explode',
  'allowReserved',
  'example',
];

/** A parameter, a header, a body or a response: what is said of it, its schema and its content. Extensions and links stay inside. */
function valued(place: Located, service: string, schemas: Components): JsonObject {
  const found = schemas.at(service, place);
  const own = (isObject(found?.value) ? found.value : {}) as JsonObject;
  const schema = found && own['schema'] !== undefined ? { schema: schemas.converted(service, under(found, 'schema')) } : {};
  const content = schemas.members(service, found && schemas.at(service, found, 'content')).map(([type, media]) => {
    const said = isObject(media.value) ? media.value : {};
    const inner = said['schema'] === undefined ? {} : { schema: schemas.converted(service, under(media, 'schema')) };
    const example = said['example'] === undefined ? {} : { example: said['example'] };
    const encoding = said['encoding'] === undefined ? {} : { encoding: withoutReferences(said['encoding']) };
    return [type, { ...inner, ...example, ...encoding }];
  });
  return {
    ...Object.fromEntries(OF_A_VALUE.flatMap((key) => (own[key] === undefined ? [] : [[key, own[key]]]))),
    ...schema,
    ...(content.length === 0 ? {} : { content: Object.fromEntries(content) }),
  };
}

/** How the fields of a form are written; their headers are left out, which could refer to anything. */
const withoutReferences = (encoding: unknown): JsonObject =>
  Object.fromEntries(
    Object.entries(isObject(encoding) ? encoding : {}).map(([name, one]) => {
      const { contentType, style, explode } = isObject(one) ? one : {};
      return [name, { contentType, style, explode }];
    }),
  );

/** The schemas that operations refer to, each under a name that begins with its service's. */
class Components {
  readonly #contracts: Contracts;
  readonly #names = new Map<string, string>();
  readonly #schemas = new Map<string, unknown>();

  constructor(contracts: Contracts) {
    this.#contracts = contracts;
  }

  at(service: string, from: Located, ...names: string[]): Located | undefined {
    return this.#contract(service).documents.at(from, ...names);
  }

  members(service: string, from: Located | undefined): readonly (readonly [string, Located])[] {
    const { documents } = this.#contract(service);
    return documents.members(from).flatMap(([name, place]) => {
      const found = documents.resolved(place);
      return found ? [[name, found] as const] : [];
    });
  }

  converted(service: string, from: Located): unknown {
    const { documents, old } = this.#contract(service);
    return convert(from, {
      documents,
      old,
      direction: undefined,
      refer: (target) => `#/components/schemas/${this.#refer(service, target)}`,
    });
  }

  all(): JsonObject {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #contract(service: string): Contract {
    return this.#contracts.get(service) as Contract;
  }

  #refer(service: string, target: Located): string {
    const key = `${service} ${target.file}#${target.path.join('\u0000')}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const plain = `${service}.${(target.path.at(-1) ?? 'schema').replace(/[^A-Za-z0-9._-]/g, '-')}`;
    let name = plain;
    for (let count = 2; this.#schemas.has(name); count += 1) name = `${plain}.${count}`;
    this.#names.set(key, name);
    // The name is taken before the schema is read, which may refer to itself.
    this.#schemas.set(name, true);
    this.#schemas.set(name, this.converted(service, target));
    return name;
  }
}
