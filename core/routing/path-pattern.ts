/** What a route says of the path: the whole of it, the front of it, or a regular expression. */
import type { MatchConfig } from '../config/schema/index.ts';
import { compileExpression, type Expression } from './expression.ts';
import { type Element, parsePrefix, parseTemplate } from './path-template.ts';

export type PathPattern =
  | { readonly kind: 'exact'; readonly elements: readonly Element[] }
  | { readonly kind: 'prefix'; readonly elements: readonly Element[] }
  | { readonly kind: 'expression'; readonly expression: Expression };

/** A route that names no path takes every path, as in the Gateway API. */
export function compilePath({ path, pathPrefix = '/' }: MatchConfig): PathPattern {
  if (path === undefined) return { kind: 'prefix', elements: parsePrefix(pathPrefix) };
  if (path.startsWith('~')) return { kind: 'expression', expression: compileExpression(path.slice(1)) };
  return { kind: 'exact', elements: parseTemplate(path) };
}

/** The pattern for telemetry and people: `/orders/{id}`, `/orders/*`, or the regular expression. */
export function describePath(pattern: PathPattern): string {
  if (pattern.kind === 'expression') return pattern.expression.source;
  const written = pattern.elements.map(({ literal, param }) => `/${literal ?? `{${param}}`}`).join('');
  return pattern.kind === 'prefix' ? `${written}/*` : written;
}

/** Whether a canonical path fits the pattern. For explanations: requests go through the tree (tree.ts). */
export function fitsPath(pattern: PathPattern, path: string): boolean {
  if (pattern.kind === 'expression') return pattern.expression.matches(path, 'target-too-long');
  const given = path.slice(1).split('/');
  const { elements, kind } = pattern;
  if (kind === 'exact' ? given.length !== elements.length : given.length < elements.length) return false;
  return elements.every(({ literal }, position) => (literal === undefined ? given[position] !== '' : given[position] === literal));
}
