/** The path of a part, made from the request and from the parts that are there already. */
import { partNamed, queryNamed } from '../config/part-path.ts';
import { Problem } from '../problem.ts';
import { canonicalElement } from '../routing/path-template.ts';
import { scalarAt } from './json-text.ts';

export interface PathValues {
  /** Of the route: elements as the client wrote them, in canonical form. */
  readonly params: Readonly<Record<string, string>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** The client's query, without the question mark. */
  readonly query: string;
  /** The answers of other parts: JSON text. */
  part(name: string): string | undefined;
}

export type PathMaker = (values: PathValues) => { readonly path: string; readonly query: string };

const PLACEHOLDER = /\{([^{}]*)\}/;

type Place = 'path' | 'query';
type Maker = (values: PathValues) => string;

/**
 * @returns throws `bad-request` for a value of the client's, and `part-unavailable` for another, that is missing or cannot stand
 * where it is to stand: none ever becomes more than one element of the path, or more than one value of the query
 */
export function compilePartPath(template: string): PathMaker {
  const mark = template.indexOf('?');
  const path = compile(mark === -1 ? template : template.slice(0, mark), 'path');
  const query = compile(mark === -1 ? '' : template.slice(mark + 1), 'query');
  return (values) => ({ path: path(values), query: query(values) });
}

function compile(template: string, place: Place): Maker {
  // split() with a group gives text and names in turn.
  const pieces = template.split(PLACEHOLDER).map((piece, at) => (at % 2 === 0 ? piece : valueNamed(piece, place)));
  return (values) => pieces.map((piece) => (typeof piece === 'string' ? piece : piece(values))).join('');
}

function valueNamed(name: string, place: Place): Maker {
  const parameter = queryNamed(name);
  if (parameter !== undefined)
    return ({ query }) =>
      encoded(name, new URLSearchParams(query).get(parameter) ?? (place === 'query' ? '' : undefined), place, 'bad-request');
  const other = partNamed(name);
  // As they are written: what JavaScript would round is another's name.
  if (other) return ({ part }) => encoded(name, scalarAt(part(other.part) ?? '', other.fields), place, 'part-unavailable');
  const [first, ...fields] = name.split('.');
  if (first === 'claims' && fields.length > 0)
    return ({ claims }) => encoded(name, plain(reach(claims, fields)), place, 'part-unavailable');
  return ({ params }) => {
    const element = params[name] ?? '';
    // It is an element already; in a query more must be encoded, and what is encoded stays so.
    return place === 'path' ? element : element.replace(/[^A-Za-z0-9\-._~%]/g, encodeURIComponent);
  };
}

function encoded(name: string, value: string | undefined, place: Place, code: 'bad-request' | 'part-unavailable'): string {
  const text = value === undefined ? undefined : encodeURIComponent(value.toWellFormed());
  if (place === 'query' && text !== undefined) return text;
  // A slash that a service decodes leaves the element as surely as a plain one, and `..` leaves the path.
  const element = text === undefined || text === '' ? null : canonicalElement(text);
  if (element === null) throw new Problem(code, { detail: `{${name}} has no value that can stand in a path.` });
  return element;
}

function reach(value: unknown, fields: readonly string[]): unknown {
  let inner = value;
  for (const field of fields) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, field)) return undefined;
    inner = (inner as Readonly<Record<string, unknown>>)[field];
  }
  return inner;
}

const plain = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
