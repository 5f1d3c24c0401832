/** The lines in a stream of bytes, each without the LF or CRLF at its end. */
export class Lines {
  readonly #decoder = new TextDecoder();
  /** The beginning of a line whose end has not come yet. */
  #rest = '';

  /** Characters of the line whose end has not come yet. */
  get pending(): number {
    return this.#rest.length;
  }

  /** The lines that end in this chunk. */
  take(chunk: Uint8Array): string[] {
    const [first = '', ...others] = this.#decoder.decode(chunk, { stream: true }).split('\n');
    // Only joined until the line is whole: who sends a byte at a time must not have all of it read anew with each.
    this.#rest += first;
    return others.map((next) => {
      const line = this.#rest.replace(/\r$/, '');
      this.#rest = next;
      return line;
    });
  }
}
