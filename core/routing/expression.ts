/** The regular expressions of the configuration (`~pattern`): the operator's own, matched against what clients send. */
import { Problem } from '../problem.ts';

export interface Expression {
  readonly source: string;
  /** Whether all of `text` matches. Longer text than `MAX_MATCHED` is refused with `tooLong`. */
  matches(text: string, tooLong: 'target-too-long' | 'headers-too-large'): boolean;
}

/**
 * An expression costs what its author wrote, often the square of the text's length and worse, so the text is bounded.
 * Longer text is refused and not taken for a mismatch: a client could else pad its way past a guarded route.
 */
export const MAX_MATCHED = 8192;

/**
 * Compiles the pattern for the whole of a text, by code point (flag `u`; `v` would refuse the everyday `[a-z-]`).
 * Throws a `SyntaxError` for a broken one.
 */
export function compileExpression(source: string): Expression {
  // Alone first: `a)|(b` is broken, yet would be well-formed, and without its anchors, inside the group.
  new RegExp(source, 'u');
  const expression = new RegExp(`^(?:${source})$`, 'u');
  return {
    source,
    matches(text, tooLong) {
      if (text.length > MAX_MATCHED) throw new Problem(tooLong);
      return expression.test(text);
    },
  };
}
