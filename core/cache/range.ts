/** A part of a stored answer (RFC 9110 section 14). */

export interface Part {
  readonly first: number;
  /** Included. */
  readonly last: number;
}

/**
 * The part that a Range field asks for. `whole` when it asks for several, or for none that can be read: a server may ignore the field;
 * `unsatisfiable` when there is none such.
 *
 * @param length bytes of the whole
 */
export function partOf(range: string, length: number): Part | 'whole' | 'unsatisfiable' {
  const [, from, to] = /^bytes=[\t ]*(\d{0,15})-(\d{0,15})[\t ]*$/i.exec(range) ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return 'whole';
  if (from === '') {
    const count = Math.min(Number(to), length);
    return count === 0 ? 'unsatisfiable' : { first: length - count, last: length - 1 };
  }
  const first = Number(from);
  if (to !== '' && Number(to) < first) return 'whole';
  if (first >= length) return 'unsatisfiable';
  return { first, last: to === '' ? length - 1 : Math.min(Number(to), length - 1) };
}
