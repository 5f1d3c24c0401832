/** Path templates of routes: `/orders/{id}`, where `{id}` stands for one element. */
import { canonicalElements } from './canonical-elements.ts';

/** One element: the literal text in canonical form, or the parameter that takes it. */
export type Element = { readonly literal: string; readonly param?: never } | { readonly param: string; readonly literal?: never };

/** A parameter's name starts with a letter, so that none is `__proto__`. */
const PARAM = /^\{([A-Za-z][A-Za-z0-9_-]*)\}$/;

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
      if (param === undefined) return { literal: canonicalLiteral(written) };
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
  const escaped = written.replace(/[^!-~]+/g, encodeURIComponent);
  const canonical = canonicalElements(`/${escaped}`);
  if (canonical === '/') throw new TypeError(`path element ${written} is a dot segment`);
  return canonical.slice(1);
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
