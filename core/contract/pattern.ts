/**
 * The regular expressions of a contract, matched in time that grows with the text alone: what clients send must not decide how
 * long an expression runs. RE2's engine does that, and has no lookaround and no backreferences.
 */
import { RE2JS, RE2JSException } from 're2js';

export interface Pattern {
  /** Of its program: the most steps that it takes at one character. */
  readonly size: number;
  test(text: string): boolean;
  toString(): string;
}

const compiled = new Map<string, Pattern>();

/** @throws Error that says why it is not taken */
export function linear(source: string): Pattern {
  const known = compiled.get(source);
  if (known) return known;
  const wrong = reasonAgainst(source);
  if (wrong !== undefined) throw new Error(wrong);
  const expression = RE2JS.compile(RE2JS.translateRegExp(withSpaces(source)));
  const pattern = {
    size: expression.programSize(),
    test: (text: string) => expression.matcher(text).find(),
    toString: () => `linear:${source}`,
  };
  compiled.set(source, pattern);
  return pattern;
}

/** Why an expression is not taken, or undefined. */
export function reasonAgainst(source: string): string | undefined {
  try {
    new RegExp(source, 'u');
  } catch {
    try {
      new RegExp(source);
    } catch {
      return 'is no regular expression';
    }
  }
  try {
    RE2JS.compile(RE2JS.translateRegExp(withSpaces(source)));
    return undefined;
  } catch (problem) {
    if (!(problem instanceof RE2JSException)) throw problem;
    return 'cannot be matched in linear time: no lookaround, no backreferences, no count over 1000';
  }
}

/** A text with another in its place where the expression matches the whole; `$1`, `$<name>` and the like as of `String.replace`. @throws Error */
export function replacing(source: string, to: string): (text: string) => string {
  const wrong = reasonAgainst(source);
  if (wrong !== undefined) throw new Error(wrong);
  const expression = RE2JS.compile(RE2JS.translateRegExp(withSpaces(`^(?:${source})$`)));
  return (text) => expression.matcher(text).replaceFirst(to);
}

const SPACES = '\\t-\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff';

/** What is a space to ECMAScript; to RE2, only ASCII's. */
function withSpaces(source: string): string {
  let within = false;
  return source.replace(/\\.|[[\]]/gs, (found) => {
    if (found === '[') within = true;
    else if (found === ']') within = false;
    else if (found === '\\s') return within ? SPACES : `[${SPACES}]`;
    else if (found === '\\S' && !within) return `[^${SPACES}]`;
    return found;
  });
}
