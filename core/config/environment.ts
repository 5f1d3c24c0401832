/** `${NAME}` and `${NAME:-default}` in the values of a configuration. `$${` stands for `${`. */

export interface Substituted {
  readonly text: string;
  /** Whether anything came from the environment. */
  readonly changed: boolean;
  /** Whether the whole text was one substitution, so that it may stand for a number or a boolean. */
  readonly whole: boolean;
  readonly problems: readonly string[];
}

const substitution = /\$\$\{|\$\{([^}]*)(\}?)/g;
const inside = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/** As in a shell: `:-` also replaces a variable that is empty, a bare `${NAME}` may be empty. */
export function substitute(text: string, environment: NodeJS.ProcessEnv): Substituted {
  const problems: string[] = [];
  let changed = false;
  let whole = false;
  const replaced = text.replace(substitution, (match: string, content: string | undefined, end: string) => {
    if (content === undefined) return '${';
    changed = true;
    whole = match === text;
    const [, name, fallback] = inside.exec(content) ?? [];
    if (end === '' || name === undefined) {
      problems.push(`${match} is not a substitution: write \${NAME} or \${NAME:-default}, or $\${ for the characters themselves`);
      return '';
    }
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (fallback !== undefined) return value === undefined || value === '' ? fallback : value;
    if (value === undefined) problems.push(`the environment variable ${name} is not set and has no default (\${${name}:-default})`);
    return value ?? '';
  });
  return { text: replaced, changed, whole, problems };
}

/** A value as it is read, with all that is in it put in; for a message about what would be wrong with it, the loader is there. */
export const filledIn = (text: string, environment: NodeJS.ProcessEnv = process.env): string => substitute(text, environment).text;
