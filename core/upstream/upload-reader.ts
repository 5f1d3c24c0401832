/** Who reads an upload: one try's stream of it, from its beginning. */
import { Readable } from 'node:stream';

export interface Upload {
  /** The chunk at a position, null at the end, undefined when it is still to come: then `receive` gets it. */
  read(position: number): Buffer | null | undefined;
  left(): void;
}

/** Who gets what comes of the upload. */
export interface Taker {
  /** @returns whether there may be more at once */
  receive(chunk: Buffer): boolean;
  /** The end. */
  push(end: null): void;
}

/** One try's reading of the upload. */
export class Reader extends Readable implements Taker {
  readonly #source: Upload;
  #position = 0;

  constructor(source: Upload) {
    super({ highWaterMark: 64 * 1024 });
    this.#source = source;
    // Nobody else need hear of a try that was given up.
    this.on('error', () => {});
  }

  receive(chunk: Buffer): boolean {
    this.#position += 1;
    return this.push(chunk);
  }

  override _read(): void {
    for (;;) {
      const chunk = this.#source.read(this.#position);
      if (chunk === undefined) return;
      if (chunk !== null) this.#position += 1;
      if (!this.push(chunk) || chunk === null) return;
    }
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#source.left();
    callback(error);
  }
}
