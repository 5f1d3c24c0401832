/** A body as the tries send it: each from its beginning. */
import { Readable } from 'node:stream';

export interface Sendable {
  /** Whether another try would have the whole body. */
  readonly replayable: boolean;
  /** Read so far. */
  readonly bytes: number;
  /** @throws Problem when it is not replayable any more */
  open(): Readable;
}

/** One that is at hand. */
export function wholeBody(body: Buffer): Sendable {
  return { replayable: true, bytes: body.length, open: () => Readable.from([body]) };
}
