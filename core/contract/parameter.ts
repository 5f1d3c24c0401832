/** The parameters of an operation: read from a request by their style, and held against their schema. */
import { candidates, kindsOf, type Shape, shapeOf } from './coerce.ts';
import type { Documents, Located } from './document.ts';
import type { Fault, Place } from './fault.ts';
import { isObject, parseJson } from './json.ts';
import { jsonType } from './media-type.ts';
import {
  decodeCookie,
  decodeEscapes,
  decodeForm,
  type Kind,
  type Pair,
  readHeader,
  readPairs,
  readPath,
  type Style,
  Unreadable,
  type Written,
} from './style.ts';
import type { Validators } from './validators.ts';

export type ParameterPlace = Extract<Place, 'path' | 'query' | 'header' | 'cookie'>;

export interface Parameter {
  readonly in: ParameterPlace;
  readonly name: string;
  readonly required: boolean;
  /** An empty value is as good as none. */
  readonly allowEmpty: boolean;
  readonly style: Style;
  readonly explode: boolean;
  /** The name of its schema; undefined where anything goes. */
  readonly schema: string | undefined;
  /** Whether it is written as JSON. */
  readonly json: boolean;
  shape(): Shape;
}

/** What a request has where parameters stand. */
export interface Given {
  readonly path: Readonly<Record<string, string>>;
  readonly query: readonly Pair[];
  readonly cookies: readonly Pair[];
  header(lowerName: string): string | undefined;
}

const STYLES: Readonly<Record<ParameterPlace, readonly Style[]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
};

/** Fields that have parts of a document of their own (OpenAPI 3.1, Parameter Object). */
const NOT_A_PARAMETER = new Set(['accept', 'content-type', 'authorization']);

/** Reads one from a document; undefined for what is none, which is a finding or means nothing. */
export function readParameter(place: Located, documents: Documents, validators: Validators): Parameter | undefined {
  const found = documents.resolved(place);
  if (!found) return undefined;
  const { value } = found;
  if (!isObject(value) || typeof value['name'] !== 'string' || typeof value['in'] !== 'string' || !(value['in'] in STYLES)) {
    documents.report(found, 'is no parameter: it has a name, and in is path, query, header or cookie');
    return undefined;
  }
  const { name } = value;
  const where = value['in'] as ParameterPlace;
  if (where === 'header' && NOT_A_PARAMETER.has(name.toLowerCase())) return undefined;
  const style = (value['style'] ?? STYLES[where][0]) as Style;
  if (!STYLES[where].includes(style)) {
    documents.report(
      { file: found.file, path: [...found.path, 'style'] },
      `is no style of a ${where} parameter: ${STYLES[where].join(', ')}`,
    );
    return undefined;
  }
  const content = documents.members(documents.at(found, 'content'))[0];
  const schemaAt = content
    ? documents.at(content[1], 'schema') && under(content[1], 'schema')
    : value['schema'] !== undefined
      ? under(found, 'schema')
      : undefined;
  const schema = schemaAt && validators.define(schemaAt);
  let shape: Shape | undefined;
  return {
    in: where,
    name,
    required: where === 'path' || value['required'] === true,
    allowEmpty: value['allowEmptyValue'] === true,
    style,
    explode: typeof value['explode'] === 'boolean' ? value['explode'] : style === 'form',
    schema,
    json: content !== undefined && jsonType(content[0]),
    shape() {
      shape ??= shapeOf(schema === undefined ? true : validators.shape(schema), (other) => validators.shape(other));
      return shape;
    },
  };
}

/** A member as it stands, its own reference not followed. */
export const under = (from: Located, name: string): Located => ({
  value: (from.value as Record<string, unknown>)[name],
  file: from.file,
  path: [...from.path, name],
});

/** What is wrong with one parameter of a request, or a field of an answer. @throws TooComplex */
export function faultsOf(parameter: Parameter, given: Given, claimed: ReadonlySet<string>, validators: Validators): readonly Fault[] {
  const { in: place, name, schema, json } = parameter;
  const fault = (detail: string, rule?: string): Fault => ({ in: place, pointer: name, detail, rule });
  let firstFaults: readonly Fault[] | undefined;
  for (const kind of json ? (['text'] as const) : kindsOf(parameter.shape())) {
    let written: Written | undefined;
    try {
      written = readIn(parameter, given, kind, claimed);
    } catch (problem) {
      if (!(problem instanceof Unreadable)) throw problem;
      firstFaults ??= [fault(problem.message)];
      continue;
    }
    if (written === undefined) return parameter.required ? [fault('is required')] : [];
    if (schema === undefined || (written === '' && parameter.allowEmpty)) return [];
    for (const value of json ? parsed(written) : candidates(written, parameter.shape())) {
      if (validators.accepts(schema, value)) return [];
      firstFaults ??= validators
        .violations(schema, value)
        .map(({ path, detail, rule }) => fault(path.length === 0 ? detail : `${detail} (${path.join('.')})`, rule));
    }
  }
  return firstFaults ?? [fault('is no JSON')];
}

function parsed(written: Written): readonly unknown[] {
  try {
    return [parseJson(written as string)];
  } catch {
    return [];
  }
}

function readIn(parameter: Parameter, given: Given, kind: Kind, claimed: ReadonlySet<string>): Written | undefined {
  const { in: place, name, json } = parameter;
  if (place === 'path') {
    const text = given.path[name];
    return text === undefined ? undefined : json ? decodeEscapes(text) : readPath(text, kind, parameter);
  }
  if (place === 'header') {
    const text = given.header(name.toLowerCase());
    return text === undefined ? undefined : readHeader(text, kind, parameter);
  }
  const pairs = place === 'query' ? given.query : given.cookies;
  const bare = kind === 'list' && !parameter.explode && !parameter.shape().items().types.has('string');
  if (!json)
    return readPairs(pairs, kind, bare ? { ...parameter, bare } : parameter, claimed, place === 'cookie' ? decodeCookie : decodeForm);
  const [first, another] = pairs.filter(([other]) => other === name);
  if (another) throw new Unreadable('stands there more than once');
  return first && decodeForm(first[1]);
}
