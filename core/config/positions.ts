/** Where each value of a configuration stands in its file. */
import type { LineCounter } from 'yaml';
import type { Finding, Path, Position, Remark } from './finding.ts';

interface Place {
  readonly path: Path;
  /** Offset of the key, or of the value in a list. */
  readonly key: number;
  readonly value: number;
}

/** The JSON pointer (RFC 6901) of a path, which is how ajv names places too. */
export const pointer = (path: Path): string =>
  path.map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

export class Positions {
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #places = new Map<string, Place>();

  constructor(file: string, lines: LineCounter) {
    this.#file = file;
    this.#lines = lines;
  }

  record(path: Path, key: number, value: number): void {
    this.#places.set(pointer(path), { path, key, value });
  }

  /** A value that is made for the sake of another one stands where that does. */
  recordAs(path: Path, other: Path): void {
    const { key = 0, value = 0 } = this.#places.get(pointer(other)) ?? {};
    this.record(path, key, value);
  }

  /** The path that a pointer stands for, with indices as numbers; for a value that is not in the file, its nearest container. */
  pathOf(place: string): Path {
    for (let at = place; ; at = at.slice(0, at.lastIndexOf('/'))) {
      const found = this.#places.get(at);
      if (found !== undefined || at === '') return found?.path ?? [];
    }
  }

  has(path: Path): boolean {
    return this.#places.has(pointer(path));
  }

  /** A value that is not in the file (a default) has the position of its container. */
  at(path: Path, atKey = false): Position {
    for (let length = path.length; length >= 0; length--) {
      const place = this.#places.get(pointer(path.slice(0, length)));
      if (place !== undefined) return this.position(atKey && length === path.length ? place.key : place.value);
    }
    return { line: 1, column: 1 };
  }

  position(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return line === 0 ? { line: 1, column: 1 } : { line, column: col };
  }

  /** A remark with its place in the file. */
  locate({ severity, path, message, hint, atKey }: Remark): Finding {
    return { severity, file: this.#file, ...this.at(path, atKey), path, message, ...(hint === undefined ? {} : { hint }) };
  }
}
