/** Changes to a text that keep its lines, and where in the old text a place of the new one was. */

/**
 * In one line, columns from 0: from and to where something was put, from and to where something else had stood, and how many characters
 * behind it errors name where they mean it.
 */
type Shift = readonly [from: number, to: number, was: number, wasTo: number, reach: number];

/** Lines from 1. */
export type Shifts = ReadonlyMap<number, readonly Shift[]>;

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly reach: number;
}

export class Edits {
  readonly #source: string;
  readonly #edits: Edit[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  /** @param reach characters behind it that errors name where they mean this */
  replace(start: number, end: number, text: string, reach = 0): void {
    this.#edits.push({ start, end, text: text + this.#source.slice(start, end).replace(/[^\n\r\u2028\u2029]/g, ''), reach });
  }

  insert(at: number, text: string): void {
    this.#edits.push({ start: at, end: at, text, reach: 0 });
  }

  /** Leaves white space, and an end of whatever statement is before it. */
  blank(start: number, end: number): void {
    const spaces = this.#source.slice(start, end).replace(/[^\n\r\u2028\u2029]/g, ' ');
    this.#edits.push({ start, end, text: `;${spaces.slice(1)}`, reach: 0 });
  }

  done(): { readonly text: string; readonly shifts: Shifts } {
    const shifts = new Map<number, Shift[]>();
    let text = '';
    let at = 0;
    let line = 1;
    let lineStart = 0;
    let before = 0;
    // A sort keeps what is at one place in the order of its coming.
    for (const edit of this.#edits.sort((a, b) => a.start - b.start)) {
      text += this.#source.slice(at, edit.start);
      for (const { index, 0: end } of this.#source.slice(at, edit.start).matchAll(LINE_END)) {
        line += 1;
        lineStart = at + index + end.length;
        before = 0;
      }
      const was = edit.start - lineStart;
      const wasTo = was + edit.end - edit.start;
      const more = edit.text.length - (edit.end - edit.start);
      if (more !== 0) {
        const own = shifts.get(line) ?? [];
        shifts.set(line, own);
        own.push([was + before, wasTo + before + more, was, wasTo, edit.reach]);
      }
      before += more;
      text += edit.text;
      for (const { index, 0: end } of this.#source.slice(edit.start, edit.end).matchAll(LINE_END)) {
        line += 1;
        lineStart = edit.start + index + end.length;
        before = 0;
      }
      at = edit.end;
    }
    return { text: text + this.#source.slice(at), shifts };
  }
}

const LINE_END = /\r\n|[\n\r\u2028\u2029]/g;

/** @param column from 0 */
export function columnBefore(shifts: Shifts, line: number, column: number): number {
  let less = 0;
  for (const [from, to, was, wasTo, reach] of shifts.get(line) ?? []) {
    if (column < from) break;
    if (column < to + reach) return was;
    less = to - wasTo;
  }
  return column - less;
}
