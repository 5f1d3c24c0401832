/** Routes made of the operations of contracts (`routesFrom: openapi`), as they would stand in the configuration file. */
import { createHash } from 'node:crypto';
import type { MadeRoute } from '../config/load.ts';
import { isParameter } from '../config/path-formats.ts';
import type { Plain } from '../config/read.ts';
import { parsePrefix, parseTemplate, shape } from '../routing/path-template.ts';
import type { Outline } from './contract.ts';
import { isObject, type JsonObject } from './json.ts';

/** Keys of a route that follow from its operation. */
const ITS_OWN = ['name', 'match', 'service', 'split', 'aggregate', 'operation'];

export interface RoutesFromOptions {
  /** The routes of the file. */
  readonly written: readonly JsonObject[];
  /** Of all routes, to which those made are added. */
  readonly names: Set<string>;
  /** How a file is called in findings. */
  shown(file: string): string;
}

/**
 * Of operations that nobody exposes none is made: nothing is reachable because it is described.
 *
 * @param config the service, as it stands in the file
 */
export function routesFrom(service: string, config: JsonObject, read: Outline, options: RoutesFromOptions): MadeRoute[] {
  const { written, names, shown } = options;
  const { documents, root } = read;
  const paths = documents.members(documents.at(root, 'paths')).map(([, path]) => documents.resolved(path));
  for (const place of [root, documents.at(root, 'paths'), ...paths])
    if (place && isObject(place.value) && 'x-postern' in place.value)
      documents.report({ ...place, path: [...place.path, 'x-postern'] }, 'has no effect here: it belongs to an operation');
  return read.operations.flatMap(({ method: lower, template: own, bases, place }): MadeRoute[] => {
    const method = lower.toUpperCase();
    const template = `${bases[0]}${own}`;
    const { operationId, 'x-postern': extension } = place.value as JsonObject;
    if (extension !== undefined && !isObject(extension)) documents.report(place, 'x-postern is no object');
    const more = isObject(extension) ? extension : {};
    for (const key of ITS_OWN)
      if (key in more) documents.report({ ...place, path: [...place.path, 'x-postern', key] }, 'is what the operation says itself');
    // One that is empty in YAML is null, and does not mean what the service says.
    const expose = 'expose' in more ? more['expose'] : config['expose'];
    if ('expose' in more && !isObject(expose)) documents.report({ ...place, path: [...place.path, 'x-postern', 'expose'] }, 'is no object');
    if (!isObject(expose) || Object.keys(expose).length === 0) return [];
    if (written.some((route) => takes(route, service, method, template))) return [];
    const called = newName(service, String(operationId ?? `${method}${template}`), names);
    const route = { ...more, expose, name: called, match: matchOf(template, method), service, operation: `${method} ${own}` };
    const position = () => ({ ...documents.position(place.file, [...place.path, 'x-postern']), file: shown(place.file) });
    return [{ service, route: route as unknown as Plain, ...(extension === undefined ? {} : { place: position }) }];
  });
}

/** A template with parameters that are a part of an element only is an expression to the route table. */
function matchOf(template: string, method: string): JsonObject {
  let count = 0;
  const isWhole = template.split('/').every((element) => !element.includes('{') || /^\{[^{}]*\}$/.test(element));
  if (isWhole) {
    const used = new Set<string>();
    const path = template.replace(/\{([^{}]*)\}/g, (_, name: string) => {
      count += 1;
      const plain = isParameter(name) && !used.has(name) ? name : `p${count}`;
      used.add(plain);
      return `{${plain}}`;
    });
    return { path, methods: [method] };
  }
  return { path: `~${template.split('/').map(expressionOf).join('\\/')}`, methods: [method] };
}

/** A parameter ends where what follows it stands first, so that there is one way to match a text, and no backtracking. */
function expressionOf(element: string): string {
  const [prefix = '', ...pieces] = element.split(/\{[^{}]*\}/).map((piece) => piece.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  const parameters = pieces.map((piece, at) => (at === pieces.length - 1 ? `[^\\/]+${piece}` : `[^\\/](?:(?!${piece})[^\\/])*${piece}`));
  return `${prefix}${parameters.join('')}`;
}

/** What every request for a path has, whoever asks. */
const UNCONDITIONAL = ['path', 'pathPrefix', 'methods'];

/** Whether a route of the file takes all that this operation is asked by; beside one that takes some, precedence decides. */
function takes(route: JsonObject, service: string, method: string, template: string): boolean {
  const match = isObject(route['match']) ? route['match'] : {};
  if (!Object.keys(match).every((key) => UNCONDITIONAL.includes(key))) return false;
  const methods = Array.isArray(match['methods']) ? match['methods'] : undefined;
  if (methods && !methods.includes(method)) return false;
  try {
    let count = 0;
    const elements = parseTemplate(template.replace(/\{[^{}]*\}/g, () => `{p${count++}}`));
    const { path, pathPrefix = '/' } = match;
    if (typeof path === 'string') return !path.startsWith('~') && shape(parseTemplate(path)) === shape(elements);
    if (route['service'] !== service || typeof pathPrefix !== 'string') return false;
    const prefix = parsePrefix(pathPrefix);
    return (
      prefix.length <= elements.length && prefix.every(({ literal }, at) => literal === undefined || literal === elements[at]?.literal)
    );
  } catch (problem) {
    if (problem instanceof TypeError) return false;
    throw problem;
  }
}

/** `orders.listOrders`; a name that is too long, or there already, ends in something of its own. */
function newName(service: string, operation: string, names: Set<string>): string {
  const plain = `${service}.${operation.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '')}`;
  const mark = createHash('sha256').update(operation).digest('hex').slice(0, 6);
  const name = plain.length <= 63 && !names.has(plain) ? plain : `${plain.slice(0, 56)}-${mark}`;
  names.add(name);
  return name;
}
