/** How a route's path changes on the way to the service. */
import { isClaim, isParameter, placeholders } from '../config/path-formats.ts';
import type { RewriteConfig } from '../config/schema/index.ts';
import { Problem } from '../problem.ts';
import { canonicalElement, canonicalLiteral, type Element, parsePrefix } from './path-template.ts';

/** From the canonical path to the path the service is asked for, which is canonical too. */
export type Rewriter = (path: string, params: Readonly<Record<string, string>>, claims: Readonly<Record<string, unknown>>) => string;

type Values = { readonly params: Readonly<Record<string, string>>; readonly claims: Readonly<Record<string, unknown>> };
type Render = (values: Values) => string;
type Part = string | Render;

const PLACEHOLDER = /\{([^{}]*)\}/;

/**
 * Compiles a rewrite. `path` takes the place of the whole path, for a prefix route too: what came behind the prefix is
 * gone. `stripPrefix` takes whole elements from the front and leaves a path that does not start with them as it is;
 * `prefixPath` comes after it. The query is no part of this and is passed on. Throws a `TypeError` for a broken template.
 */
export function compileRewrite(config: RewriteConfig | undefined): Rewriter {
  if (config === undefined) return (path) => path;
  if (config.path !== undefined) {
    const render = compilePath(config.path);
    return (_path, params, claims) => render({ params, claims });
  }
  const strip = parsePrefix(config.stripPrefix ?? '/');
  const render = compilePath(config.prefixPath ?? '/');
  return (path, params, claims) => {
    const front = render({ params, claims });
    return (front.endsWith('/') ? front.slice(0, -1) : front) + stripped(path, strip) || '/';
  };
}

/** The names a template uses: `id`, `claims.sub`. Throws a `TypeError` for one that can be neither. */
export function templateNames(template: string): readonly string[] {
  return placeholders(template).map((name) => {
    if (!isParameter(name) && !isClaim(name)) throw new TypeError(`{${name}} in ${template} is neither a parameter nor a claim`);
    return name;
  });
}

/** What is left of the path: empty, or with a leading slash. */
function stripped(path: string, prefix: readonly Element[]): string {
  let start = 0;
  for (const { literal } of prefix) {
    if (start >= path.length) return path;
    const slash = path.indexOf('/', start + 1);
    const end = slash === -1 ? path.length : slash;
    const element = path.slice(start + 1, end);
    if (literal === undefined ? element === '' : element !== literal) return path;
    start = end;
  }
  return path.slice(start);
}

function compilePath(template: string): Render {
  if (!template.startsWith('/')) throw new TypeError(`path ${template} does not start with a slash`);
  templateNames(template);
  if (template.includes('//')) throw new TypeError(`path ${template} has an empty element`);
  const elements = template.slice(1).split('/').map(compileElement);
  return (values) => elements.reduce<string>((path, part) => `${path}/${typeof part === 'string' ? part : part(values)}`, '');
}

/** One element: text, a value, or several of both (`{id}.json`). */
function compileElement(written: string): Part {
  if (!PLACEHOLDER.test(written)) return canonicalLiteral(written);
  // split() with a group gives text and names in turn.
  const parts: Part[] = written
    .split(PLACEHOLDER)
    .map((piece, position) => (position % 2 === 0 ? canonicalPiece(piece) : compileName(piece)));
  const [before, value, after] = parts;
  if (parts.length === 3 && before === '' && after === '' && value !== undefined) return value;
  // Harmless pieces can make a dot segment together (`.{a}`), so the whole is looked at again.
  return (values) => asElement(parts.map((part) => (typeof part === 'string' ? part : part(values))).join(''));
}

/** Text around a placeholder may be a dot; `canonicalLiteral` judges whole elements. */
const canonicalPiece = (piece: string): string => (piece === '' || /^\.+$/.test(piece) ? piece : canonicalLiteral(piece));

function compileName(name: string): Part {
  const [first = '', ...rest] = name.split('.');
  if (first === 'claims' && rest.length > 0) return ({ claims }) => claimElement(claims, rest);
  return ({ params }) => {
    const value = params[name];
    if (value === undefined) throw new Problem('internal-error', { cause: new Error(`the route has no parameter {${name}}`) });
    return value;
  };
}

function claimElement(claims: Readonly<Record<string, unknown>>, names: readonly string[]): string {
  let value: unknown = claims;
  for (const name of names) value = isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') throw unusable();
  return asElement(encoded(String(value)));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

function encoded(value: string): string {
  try {
    return encodeURIComponent(value);
  } catch {
    throw unusable();
  }
}

/**
 * What a client may not write as an element, a claim may not bring in: a slash that a service decodes leaves the element
 * as surely as a plain one (GHSA-5w89-w975-hf9q), so encoding alone is not enough.
 */
function asElement(written: string): string {
  const element = canonicalElement(written);
  if (element === null) throw unusable();
  return element;
}

/** Forbidden and no bad request: what the client wrote is fine, but who it is gives no path it may use. */
function unusable(): Problem {
  return new Problem('forbidden', { detail: 'A claim of the access token cannot stand in the path of the service.' });
}
