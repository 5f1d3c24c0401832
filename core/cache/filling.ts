/** Answers on their way into the store: their bodies as they come, bounded by what the store has room for. */
import type { Stored } from './stored.ts';

/** An answer on its way into the store. */
export interface Filling {
  /** Whether the next bytes may be kept too; if not, nothing of it is. */
  take(chunk: Buffer): boolean;
  /** Stores it, unless it was overtaken by what makes it void; the body is what was taken, unless it is given. */
  keep(stored: Omit<Stored, 'body'>, body?: Buffer): boolean;
  /** Whether nothing of it will be kept: it was given up, or overtaken. */
  readonly isOver: boolean;
  /** Gives it up. More than once is no harm, nor after `keep`. */
  abandon(): void;
}

/** Bytes that a body grows by at least: many small pieces would take more than they hold. */
const BLOCK = 4096;

interface FillParts {
  reserve(bytes: number): boolean;
  keep(stored: Stored): boolean;
  done(): void;
}

export class Fill implements Filling {
  readonly #parts: FillParts;
  /** In memory of its own: a chunk may be a small slice of much. All but the last are full. */
  #blocks: Buffer[] = [];
  #size = 0;
  #bytes = 0;
  #over = false;

  constructor(parts: FillParts) {
    this.#parts = parts;
  }

  /** Bytes that it takes. */
  get size(): number {
    return this.#size;
  }

  get isOver(): boolean {
    return this.#over;
  }

  take(chunk: Buffer): boolean {
    if (this.#over) return false;
    const free = this.#size - this.#bytes;
    const last = this.#blocks.at(-1);
    if (last && free > 0) chunk.copy(last, last.length - free);
    this.#bytes += chunk.length;
    if (chunk.length <= free) return true;
    const size = Math.max(chunk.length - free, this.#size === 0 ? 0 : BLOCK);
    if (!this.#parts.reserve(size)) {
      this.abandon();
      return false;
    }
    const block = Buffer.allocUnsafeSlow(size);
    chunk.copy(block, 0, free);
    this.#blocks.push(block);
    this.#size += size;
    return true;
  }

  keep(stored: Omit<Stored, 'body'>, body?: Buffer): boolean {
    if (this.#over) return false;
    const whole = body ?? joined(this.#blocks, this.#bytes);
    this.abandon();
    return this.#parts.keep({ ...stored, body: whole });
  }

  abandon(): void {
    if (this.#over) return;
    this.#over = true;
    this.#parts.reserve(-this.#size);
    this.#blocks = [];
    this.#size = 0;
    this.#parts.done();
  }
}

/** In memory of its own, and no more than it needs. */
function joined(blocks: readonly Buffer[], bytes: number): Buffer {
  const [only] = blocks;
  if (only?.length === bytes) return only;
  const whole = Buffer.allocUnsafeSlow(bytes);
  let at = 0;
  for (const block of blocks) at += block.copy(whole, at);
  return whole;
}
