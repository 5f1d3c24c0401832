/** The OpenAPI document that Kubernetes publishes of a group of its API: what may be asked, and what is answered. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: { readonly type: string };
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, { readonly parameters?: readonly Parameter[]; readonly get?: Operation }>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

type Schema = { properties?: Record<string, Schema>; type?: string | string[]; additionalProperties?: unknown } & Record<string, unknown>;

export interface OpenApi {
  /** What is wrong with a GET. */
  faultsOfRequest(url: URL, accept: string | undefined): string[];
  /** What is wrong with an object. @param kind the end of the schema's name, such as `discovery.v1.EndpointSliceList` */
  faultsOf(kind: string, value: unknown): string[];
}

/** @param file one that install.sh has put beside the other documents */
export function readOpenApi(file: string): OpenApi {
  const path = join(import.meta.dirname, '../.cache/kubernetes', file);
  const document = JSON.parse(readFileSync(path, 'utf8')) as Document;
  const { schemas } = document.components;
  for (const schema of Object.values(schemas)) close(schema);
  // Those of numbers only say how wide they are.
  const formats = { int32: true, int64: true, double: true, byte: true, 'int-or-string': true, 'date-time': dateTime } as const;
  const ajv = new Ajv({ strict: false, allErrors: true, formats });
  ajv.addSchema(document, file);

  return {
    faultsOfRequest(url, accept) {
      const found = Object.entries(document.paths).find(([template]) => patternOf(template).test(url.pathname));
      const operation = found?.[1].get;
      if (!operation) return [`${url.pathname} is no path that can be got`];
      const known = [...(found[1].parameters ?? []), ...(operation.parameters ?? [])].filter((parameter) => parameter.in === 'query');
      const faults = [...url.searchParams].flatMap(([name, value]) => {
        const parameter = known.find((one) => one.name === name);
        if (!parameter) return [`${name} is no parameter of ${url.pathname}`];
        return ajv.validate(parameter.schema, typed(value, parameter.schema)) ? [] : [`${name}=${value}: ${ajv.errorsText()}`];
      });
      const offered = Object.keys(operation.responses['200']?.content ?? {});
      if (!offered.includes(accept ?? '')) faults.push(`${accept} is not among ${offered.join(', ')}`);
      return faults;
    },
    faultsOf(kind, value) {
      const name = Object.keys(schemas).find((one) => one.endsWith(`.${kind}`));
      if (name === undefined) return [`there is no ${kind}`];
      const validate = ajv.getSchema(`${file}#/components/schemas/${name}`);
      if (!validate) return [`${name} cannot be read`];
      return validate(value) ? [] : [`${kind}: ${ajv.errorsText(validate.errors)}`];
    },
  };
}

/** Nothing but what the document names; and for an empty list null too, which is what kube-apiserver writes. */
function close(schema: Schema): void {
  if (!schema.properties) return;
  schema.additionalProperties = false;
  for (const property of Object.values(schema.properties)) if (property.type === 'array') property.type = ['array', 'null'];
}

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`);
}

function typed(value: string, { type }: Parameter['schema']): unknown {
  if (type === 'boolean') return { true: true, false: false }[value] ?? value;
  return type === 'integer' && /^\d+$/.test(value) ? Number(value) : value;
}

function dateTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text);
}
