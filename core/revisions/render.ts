/** New values as YAML, the way people write such files: what fits stands on one line. */
import { stringify } from 'yaml';
import { isList, isMapping, type Written } from './written.ts';

/** Columns of a line. */
const WIDTH = 120;

export interface Rendering {
  readonly indent: number;
  /** The end of a line. */
  readonly eol: string;
}

/** On one line. */
export function inline(value: Written): string {
  if (isList(value)) return `[${value.map(inline).join(', ')}]`;
  if (!isMapping(value)) return scalar(value);
  const members = Object.entries(value).map(([key, inner]) => `${scalar(key)}: ${inline(inner)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

/** Whether it stands on one line of `room` columns, or can on no more. */
export function fits(value: Written, room: number): boolean {
  const isEmpty = typeof value !== 'object' || value === null || Object.keys(value).length === 0;
  return isEmpty || inline(value).length <= room;
}

/** On lines of its own, the first without its indentation. */
export function block(value: Written, { indent, eol }: Rendering): string {
  if (isList(value)) return value.map((item) => `- ${behind(item, 2, { indent, eol })}`).join(eol + ' '.repeat(indent));
  if (!isMapping(value)) return inline(value);
  return Object.entries(value)
    .map(([key, inner]) => member(key, inner, { indent, eol }))
    .join(eol + ' '.repeat(indent));
}

export function member(key: string, value: Written, { indent, eol }: Rendering): string {
  const name = `${scalar(key)}:`;
  if (fits(value, WIDTH - indent - name.length - 1)) return `${name} ${inline(value)}`;
  return `${name}${eol}${' '.repeat(indent + 2)}${block(value, { indent: indent + 2, eol })}`;
}

/** Behind a mark of `taken` columns: on the rest of its line, or as a block that begins there. */
export function behind(value: Written, taken: number, { indent, eol }: Rendering): string {
  return fits(value, WIDTH - indent - taken) ? inline(value) : block(value, { indent: indent + taken, eol });
}

/** As it may stand within brackets too, where more must be quoted. */
function scalar(value: string | number | boolean | null): string {
  const options = {
    collectionStyle: 'flow',
    lineWidth: 0,
    blockQuote: false,
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
  } as const;
  return stringify([value], options).trim().slice(1, -1).trim();
}
