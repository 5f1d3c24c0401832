/** What a route asks of header fields, query parameters and cookies. */
import type { MatchConfig } from '../config/schema/index.ts';
import { cookieValues } from './cookies.ts';
import { compileExpression } from './expression.ts';
import type { RouteQuery } from './route-query.ts';

export interface Predicate {
  readonly kind: 'header' | 'query' | 'cookie';
  /** Of the field (lower case), parameter or cookie. */
  readonly name: string;
  /** As configured: the value, or `~` and a regular expression. */
  readonly value: string;
  holds(query: RouteQuery): boolean;
}

type Test = (value: string) => boolean;

/** Fields that a request may have and its preflight never announces: those safelisted (Fetch standard), and cookies. */
const UNANNOUNCED = new Set(['accept', 'accept-language', 'content-language', 'content-type', 'range', 'cookie']);

/** The conditions of a route: header fields, then cookies, then query parameters, the cheap ones first. */
export function compilePredicates({ headers = {}, cookies = {}, queryParams = {} }: MatchConfig): readonly Predicate[] {
  return [
    ...Object.entries(headers).map(([name, value]) => headerPredicate(name.toLowerCase(), value)),
    ...Object.entries(cookies).map(([name, value]) => cookiePredicate(name, value)),
    ...Object.entries(queryParams).map(([name, value]) => queryPredicate(name, value)),
  ];
}

/**
 * The value as node gives it: fields sent more than once are one value, joined by a comma. A preflight tells names only, so
 * whatever value its request may have is taken for the right one.
 */
function headerPredicate(name: string, value: string): Predicate {
  const test = compileValue(value, 'headers-too-large');
  return {
    kind: 'header',
    name,
    value,
    holds({ headers, announced }) {
      const given = headers[name];
      if (typeof given === 'string' ? test(given) : Array.isArray(given) && given.some(test)) return true;
      return announced !== undefined && (announced.has(name) || UNANNOUNCED.has(name));
    },
  };
}

function cookiePredicate(name: string, value: string): Predicate {
  const test = compileValue(value, 'headers-too-large');
  const holds = ({ headers: { cookie }, announced }: RouteQuery) =>
    announced !== undefined || (typeof cookie === 'string' && cookieValues(cookie, name).some(test));
  return { kind: 'cookie', name, value, holds };
}

/** Any occurrence of the parameter, decoded as a form is (`+` for a space). */
function queryPredicate(name: string, value: string): Predicate {
  const test = compileValue(value, 'target-too-long');
  const holds = ({ query }: RouteQuery) => query !== '' && query.split('&').some((pair) => pairHolds(pair, name, test));
  return { kind: 'query', name, value, holds };
}

function pairHolds(pair: string, name: string, test: Test): boolean {
  // The `&` keeps the parser from taking a question mark off the front.
  if (/[%+]/.test(pair)) return new URLSearchParams(`&${pair}`).getAll(name).some(test);
  const equals = pair.indexOf('=');
  if (equals === -1) return pair !== '' && pair === name && test('');
  return pair.slice(0, equals) === name && test(pair.slice(equals + 1));
}

function compileValue(value: string, tooLong: 'target-too-long' | 'headers-too-large'): Test {
  if (!value.startsWith('~')) return (given) => given === value;
  const expression = compileExpression(value.slice(1));
  return (given) => expression.matches(given, tooLong);
}
