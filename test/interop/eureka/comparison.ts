/** One conversation with several registries, and a table of what they answered. */
import { isDeepStrictEqual } from 'node:util';
import { type Answered, answerOf } from './answers.ts';
import { conversation, type Form } from './conversation.ts';

export interface Comparison {
  /** Operation, request, the status of each, in which forms they are equal, and a remark; in columns. */
  readonly table: string;
  /** What is not as the conversation says, neither equal nor differing knowingly. */
  readonly surprises: readonly string[];
}

/** Each is the base of a registry that nobody has registered with, e.g. `http://127.0.0.1:8761/eureka`. */
export interface Compared {
  readonly eureka: string;
  readonly postern: string;
  /** With `strictEureka`. */
  readonly strict: string;
}

export async function compare({ eureka, postern, strict }: Compared): Promise<Comparison> {
  const rows = [['operation', 'request', 'Eureka', 'Postern', 'strict', 'equal', 'remark']];
  const surprises: string[] = [];
  for (const step of conversation) {
    const { operation, method, path, forms, differs, unlessStrict, remark } = step;
    const ask = (registry: string) => Promise.all(forms.map((form) => answerOf(registry, step, form)));
    const [theirs, ours, strictly] = [await ask(eureka), await ask(postern), await ask(strict)];
    const unequal = differing(forms, theirs, ours);
    const request = `${method} ${path}`;
    if (!isDeepStrictEqual(unequal, differs) || !isDeepStrictEqual(differing(forms, theirs, strictly), unlessStrict ? [] : differs))
      surprises.push([`${request} ${remark}`, ...[theirs, ours, strictly].map((answers) => JSON.stringify(answers))].join('\n  '));
    rows.push([operation, request, ...[theirs, ours, strictly].map(statuses), equality(forms, unequal), remark]);
  }
  return { table: inColumns(rows), surprises };
}

const differing = (forms: readonly Form[], theirs: readonly Answered[], ours: readonly Answered[]): Form[] =>
  forms.filter((_, at) => !isDeepStrictEqual(theirs[at], ours[at]));

const statuses = (answers: readonly Answered[]): string => [...new Set(answers.map(({ status }) => status))].join(' ');

function equality(forms: readonly Form[], unequal: readonly Form[]): string {
  const [asked, equal] = [forms.length, forms.length - unequal.length];
  if (asked === 1) return equal === 1 ? 'yes' : 'no';
  return equal === asked || equal === 0 ? `${equal}/${asked}` : `${equal}/${asked}, not ${unequal.join('; ')}`;
}

function inColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
