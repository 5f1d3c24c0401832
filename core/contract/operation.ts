/** One operation of a contract, compiled: what a request for it may have, and what an answer to it. */

import type { Encodings } from './body.ts';
import { type Shape, shapeOf } from './coerce.ts';
import type { Documents, Located } from './document.ts';
import { isObject } from './json.ts';
import { contentOf } from './media-type.ts';
import { type Parameter, readParameter, under } from './parameter.ts';
import type { Validators } from './validators.ts';

export interface Media {
  readonly schema: string | undefined;
  readonly encodings: Encodings;
  shape(): Shape;
}

export interface Body {
  readonly required: boolean;
  /** By media type or range; empty where nothing is said of it. */
  readonly content: ReadonlyMap<string, Media>;
}

export interface Answer {
  readonly headers: readonly Parameter[];
  readonly content: ReadonlyMap<string, Media>;
}

export interface Operation {
  readonly method: string;
  /** As the document has it. */
  readonly template: string;
  /** What may stand before the template: the paths of its servers. */
  readonly bases: readonly string[];
  /** `GET /orders/{id}`: what it is called in logs. */
  readonly name: string;
  readonly place: Located;
  readonly parameters: readonly Parameter[];
  /** Where they stand. */
  readonly places: readonly Located[];
  /** The names of its query parameters, and of its cookies. */
  readonly claimed: { readonly query: ReadonlySet<string>; readonly cookie: ReadonlySet<string> };
  readonly body: Body | undefined;
  /** By status, by class (`4XX`), or `default`. */
  readonly answers: ReadonlyMap<string, Answer>;
}

export interface Compiling {
  readonly documents: Documents;
  readonly requests: Validators;
  readonly responses: Validators;
}

/** @param item the path item, whose parameters all its operations share */
export function readOperation(
  method: string,
  template: string,
  item: Located,
  place: Located,
  compiling: Compiling,
): Omit<Operation, 'bases'> {
  const { documents, requests } = compiling;
  const byName = new Map<string, { readonly parameter: Parameter; readonly place: Located }>();
  for (const list of [documents.at(item, 'parameters'), documents.at(place, 'parameters')]) {
    for (const [, one] of documents.members(list)) {
      const parameter = readParameter(one, documents, requests);
      const found = parameter && documents.resolved(one);
      if (found) byName.set(`${parameter.in} ${parameter.name}`, { parameter, place: found });
    }
  }
  const parameters = [...byName.values()].map(({ parameter }) => parameter);
  for (const name of namesIn(template))
    if (!byName.has(`path ${name}`)) documents.report(place, `has no path parameter ${name}, which its path names`);
  for (const { in: where, name } of parameters)
    if (where === 'path' && !namesIn(template).includes(name))
      documents.report(place, `has a path parameter ${name}, which its path does not name`);
  const claimed = (where: 'query' | 'cookie') =>
    new Set(parameters.flatMap((parameter) => (parameter.in === where ? [parameter.name] : [])));
  return {
    method: method.toUpperCase(),
    template,
    name: `${method.toUpperCase()} ${template}`,
    place,
    parameters,
    places: [...byName.values()].map((one) => one.place),
    claimed: { query: claimed('query'), cookie: claimed('cookie') },
    body: readBody(documents.at(place, 'requestBody'), compiling),
    answers: readAnswers(documents.at(place, 'responses'), compiling),
  };
}

const namesIn = (template: string): string[] => [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name ?? '');

function readBody(found: Located | undefined, { documents, requests }: Compiling): Body | undefined {
  if (!found) return undefined;
  const required = isObject(found.value) && found.value['required'] === true;
  return { required, content: readContent(found, documents, requests) };
}

function readAnswers(found: Located | undefined, { documents, responses }: Compiling): Map<string, Answer> {
  return new Map(
    documents.members(found).flatMap(([status, place]): [string, Answer][] => {
      if (!/^(?:[1-5]\d\d|[1-5]XX|default)$/.test(status)) {
        if (!status.startsWith('x-')) documents.report(place, 'is no status: 100 to 599, 1XX to 5XX, or default');
        return [];
      }
      const answer = documents.resolved(place);
      if (!answer) return [];
      const headers = documents
        .members(documents.at(answer, 'headers'))
        .flatMap(([name, header]) => readHeader(name, header, documents, responses));
      return [[status, { headers, content: readContent(answer, documents, responses) }]];
    }),
  );
}

/** A header of an answer is a parameter without a name of its own. */
function readHeader(name: string, place: Located, documents: Documents, validators: Validators): Parameter[] {
  const found = documents.resolved(place);
  if (!found || !isObject(found.value)) return [];
  const parameter = readParameter({ ...found, value: { ...found.value, name, in: 'header' } }, documents, validators);
  return parameter ? [parameter] : [];
}

function readContent(from: Located, documents: Documents, validators: Validators): Map<string, Media> {
  const content = documents.at(from, 'content');
  return new Map(
    [...contentOf(documents.members(content))].map(([type, place]): [string, Media] => {
      const { value } = place;
      const at = isObject(value) && value['schema'] !== undefined ? under(place, 'schema') : undefined;
      const schema = at && validators.define(at);
      let shape: Shape | undefined;
      return [
        type,
        {
          schema,
          encodings: new Map(
            documents.members(documents.at(place, 'encoding')).map(([name, one]) => [name, isObject(one.value) ? one.value : {}]),
          ),
          shape() {
            shape ??= shapeOf(schema === undefined ? true : validators.shape(schema), (name) => validators.shape(name));
            return shape;
          },
        },
      ];
    }),
  );
}
