/** Whether some request may be for both of two routes: cheap to tell, and never a wrong no. */
import { fitsHost } from '../../routing/hosts.ts';
import type { PathPattern } from '../../routing/path-pattern.ts';
import type { Route } from '../../routing/route.ts';

export const mayMeet = (one: Route, other: Route): boolean =>
  methodsMeet(one.methods, other.methods) && hostsMeet(one.host, other.host) && pathsMeet(one.path, other.path);

const methodsMeet = (one: Route['methods'], other: Route['methods']): boolean =>
  one === null || other === null || !one.isDisjointFrom(other);

const hostsMeet = (one: string | null, other: string | null): boolean =>
  one === other || one === null || other === null || fitsHost(one, anyUnder(other)) || fitsHost(other, anyUnder(one));

/** No label is a question mark: it stands for those that no route names. */
export const anyUnder = (pattern: string): string => pattern.replace(/^\*/, '?');

function pathsMeet(one: PathPattern, other: PathPattern): boolean {
  if (one.kind === 'expression') return other.kind === 'expression' || fitsExpression(one, other);
  if (other.kind === 'expression') return fitsExpression(other, one);
  const [short, long] = one.elements.length <= other.elements.length ? [one, other] : [other, one];
  if (short.kind === 'exact' && short.elements.length < long.elements.length) return false;
  return short.elements.every(({ literal }, at) => {
    const beside = long.elements[at]?.literal;
    return literal === undefined || beside === undefined || literal === beside;
  });
}

function fitsExpression(
  { expression }: PathPattern & { kind: 'expression' },
  other: Exclude<PathPattern, { kind: 'expression' }>,
): boolean {
  const literals = other.elements.map(({ literal }) => literal);
  if (other.kind === 'prefix' || literals.includes(undefined)) return true;
  return expression.matches(`/${literals.join('/')}`, 'target-too-long');
}
