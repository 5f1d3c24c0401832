/**
 * A text that is written as bytes, over and over in the same place: megabytes of the same few words, which as strings would each be
 * made, joined, encoded and collected as garbage.
 */

const ZERO = 48;

export class ByteText {
  #bytes: Buffer;
  #length = 0;

  /** @param room bytes to begin with; it grows */
  constructor(room: number) {
    this.#bytes = Buffer.allocUnsafeSlow(room);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written, until more is. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** What was written since it was so long, to keep. */
  since(start: number): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(start, this.#length));
  }

  clear(): void {
    this.#length = 0;
  }

  bytes(source: Uint8Array): void {
    this.#reserve(source.length);
    this.#bytes.set(source, this.#length);
    this.#length += source.length;
  }

  /** Once more what stands between the two places. */
  again(start: number, end: number): void {
    this.#reserve(end - start);
    this.#bytes.copyWithin(this.#length, start, end);
    this.#length += end - start;
  }

  text(source: string): void {
    this.#reserve(source.length * 3);
    this.#length += this.#bytes.write(source, this.#length);
  }

  /** As Prometheus writes numbers. */
  number(value: number): void {
    if (Number.isInteger(value) && value >= 0 && value < 1e9) this.#digits(value);
    else if (value === Number.POSITIVE_INFINITY) this.text('+Inf');
    else this.text(value === Number.NEGATIVE_INFINITY ? '-Inf' : `${value}`);
  }

  #digits(value: number): void {
    this.#reserve(10);
    let end = this.#length + 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) end += 1;
    let rest = value;
    for (let at = end - 1; at >= this.#length; at -= 1) {
      this.#bytes[at] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.#length = end;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.written);
    this.#bytes = larger;
  }
}
