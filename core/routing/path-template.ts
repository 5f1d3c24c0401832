/** Path templates of routes: `/orders/{id}`, where `{id}` stands for one element. */
import { isParameter } from '../config/path-formats.ts';
import { Problem } from '../problem.ts';
import { canonicalElements } from './canonical-elements.ts';

/** One element: the literal text in canonical form, or the parameter that takes it. */
export type Element = { readonly literal: string; readonly param?: never } | { readonly param: string; readonly literal?: never };

/** A parameter is a whole element. */
const PARAM = /^\{([^{}]*)\}$/;

/** The elements of a template; a trailing slash is a last, empty element. Throws a `TypeError` that says what is wrong. */
export function parseTemplate(template: string): readonly Element[] {
  if (!template.startsWith('/')) throw new TypeError(`path ${template} does not start with a slash`);
  const names = new Set<string>();
  return template
    .slice(1)
    .split('/')
    .map((written, position, { length }) => {
      if (written === '' && position < length - 1) throw new TypeError(`path ${template} has an empty element, which no request has`);
      const param = PARAM.exec(written)?.[1];
      if (param === undefined || !isParameter(param)) return { literal: canonicalLiteral(written) };
      if (names.has(param)) throw new TypeError(`path ${template} names {${param}} twice`);
      names.add(param);
      return { param };
    });
}

/** A prefix goes by element, so a trailing slash says nothing: `/orders/` and `/orders` are one, `/` has no element. */
export function parsePrefix(template: string): readonly Element[] {
  const elements = parseTemplate(template);
  return elements.at(-1)?.literal === '' ? elements.slice(0, -1) : elements;
}

/** Literal text of a template as requests will bring it: `é` and `%c3%a9` both become `%C3%A9`. */
export function canonicalLiteral(written: string): string {
  if (written === '') return '';
  if (/[{}?#]/.test(written)) throw new TypeError(`path element ${written} holds one of { } ? #, which must be percent-encoded`);
  const canonical = canonicalElement(written.replace(/[^!-~]+/g, encodeURIComponent));
  if (canonical === null) throw new TypeError(`path element ${written} is in no request's path`);
  return canonical;
}

/** An element in canonical form; null for what is none, or what would be refused in a request (canonical-path.ts). */
export function canonicalElement(written: string): string | null {
  try {
    const path = canonicalElements(`/${written}`);
    return path === '/' || path.includes('/', 1) ? null : path.slice(1);
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

/** The template as text, whatever its spelling and the names of its parameters: equal for templates that take the same paths. */
export function shape(elements: readonly Element[]): string {
  return elements.map((element) => `/${element.literal ?? '{}'}`).join('');
}

/** What each parameter took of a canonical path that the elements match: still percent-encoded, so that it stays one element. */
export function readParams(elements: readonly Element[], path: string): Record<string, string> {
  const params: Record<string, string> = {};
  let start = 1;
  for (const { param } of elements) {
    const slash = path.indexOf('/', start);
    const end = slash === -1 ? path.length : slash;
    if (param !== undefined) params[param] = path.slice(start, end);
    start = end + 1;
  }
  return params;
}
