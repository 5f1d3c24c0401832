/** What a public route asks of its user: scopes and claims. Pure; authorize.ts answers for it. */
import type { PublicExposure } from '../core/config/schema/index.ts';
import type { Principal } from '../core/context.ts';

export type Rule = Pick<PublicExposure, 'scopes' | 'claims'>;

/** What the principal lacks; undefined when it may pass. Scopes first: they are what a client can ask for. */
export function lacks(rule: Rule, principal: Principal): 'scopes' | 'claims' | undefined {
  if (rule.scopes === undefined && rule.claims === undefined) return undefined;
  const { scopes = [], claims = {} } = rule;
  const user = principal.kind === 'user' ? principal : undefined;
  if (!scopes.every((scope) => user?.scopes.has(scope))) return 'scopes';
  const met = Object.entries(claims).every(([name, allowed]) => isOneOf(claimOf(user?.claims, name), allowed));
  return met ? undefined : 'claims';
}

/** A claim by its name, or, with dots, one inside others. Namespaced claims have dots in their own name, so that comes first. */
function claimOf(claims: unknown, name: string): unknown {
  const whole = member(claims, name);
  return whole === undefined && name.includes('.') ? name.split('.').reduce(member, claims) : whole;
}

/** Own members only: no token has a claim named `constructor` unless it says so. */
function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** Compared with their types: the number 1 is not the text "1". */
function isOneOf(claim: unknown, allowed: readonly unknown[]): boolean {
  return Array.isArray(claim) ? claim.some((value) => allowed.includes(value)) : allowed.includes(claim);
}
