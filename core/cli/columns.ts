/** Text in columns, as wide as what is in them; the last column is as long as it likes. */
import { stripVTControlCharacters } from 'node:util';

export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, widthOf(cell));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, index) => (index === row.length - 1 ? cell : cell + ' '.repeat((widths[index] ?? 0) - widthOf(cell))))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** Colours take no place. */
const widthOf = (cell: string): number => stripVTControlCharacters(cell).length;
