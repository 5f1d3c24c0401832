/** Places in users' modules, as stacks name them: of the text that the user wrote, not of what was made of it to run. */
import { columnBefore, type Shifts } from './edits.ts';

/** Stands behind the name of each file in a stack, so that a user's code is known as such. */
export const MARK = '?postern';

/** Of the last version of each file; those without any are left out. */
const shiftsOf = new Map<string, Shifts>();
const done = new WeakSet<Error>();

/** @param url with the mark */
export function rememberPlaces(url: string, shifts: Shifts): void {
  if (shifts.size > 0) shiftsOf.set(url, shifts);
  else shiftsOf.delete(url);
}

/** Corrects the columns in the stack of an error, and in those of its causes. @returns the same error */
export function placed<Thrown>(thrown: Thrown): Thrown {
  try {
    for (let error: unknown = thrown; error instanceof Error && !done.has(error); error = error.cause) {
      done.add(error);
      if (!error.stack?.includes(MARK)) continue;
      error.stack = error.stack.replace(PLACE, (place, url: string, line: string, column: string) => {
        const shifts = shiftsOf.get(url);
        return shifts ? `${url}:${line}:${columnBefore(shifts, Number(line), Number(column) - 1) + 1}` : place;
      });
    }
  } catch {
    // One that is frozen, or cannot be looked at, stays as it is.
  }
  return thrown;
}

const PLACE = /(file:\/\/[^\s()]+?\?postern):(\d+):(\d+)/g;

export interface Place {
  readonly line: number;
  /** From 0. */
  readonly column: number;
}

/** As the engine shows one: the place, the line, and an arrow. */
export function syntaxError(message: string, url: string, source: string, { line, column }: Place): SyntaxError {
  const error = new SyntaxError(message);
  const shown = source.split(/\r\n|[\n\r\u2028\u2029]/)[line - 1] ?? '';
  error.stack = `${url}:${line}:${column + 1}\n${shown}\n${' '.repeat(column)}^\n\nSyntaxError: ${message}`;
  done.add(error);
  return error;
}
