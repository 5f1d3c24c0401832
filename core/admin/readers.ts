/** Who reads an event stream of the admin port: the same bytes for all whose turn it is, made once, and only while somebody reads. */
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';

/** Turns in a row that find a reader with the events of an earlier one: so many, and nobody reads there. */
const MISSED_TURNS = 20;

interface Reader<Wish> {
  readonly events: Readable;
  readonly wish: Wish;
  /** It has its events every so many turns. */
  readonly every: number;
  turnsLeft: number;
  missed: number;
  /** Whether it had what all turns since it came brought. */
  followed: boolean;
}

export interface ReadersParts<Wish> {
  /** Readers at once of those that wish for the same. */
  readonly most: number;
  /** Milliseconds between two turns. */
  readonly interval: number;
  /** What a new reader has at once. */
  readonly greeting: Buffer;
  /**
   * Called at the first reader that has its turn; what it gives back is asked once for each of them. `followed` is false for
   * one who has not had all that the turns before brought.
   */
  begin(): (wish: Wish, followed: boolean) => Buffer;
  /** Told when the first reader comes, and when the last has gone. */
  onRead?(reads: boolean): void;
}

export class Readers<Wish> {
  readonly #parts: ReadersParts<Wish>;
  readonly #readers = new Set<Reader<Wish>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: ReadersParts<Wish>) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#readers.size;
  }

  /**
   * The events for one more reader, who leaves by destroying them; `undefined` when there are as many as there may be.
   * @param every how many turns it has to wait for each
   */
  join(wish: Wish, every = 1): Readable | undefined {
    const alike = this.#readers.values().reduce((count, reader) => count + (reader.wish === wish ? 1 : 0), 0);
    if (alike >= this.#parts.most) return undefined;
    const events = new Readable({ read() {} });
    const reader: Reader<Wish> = { events, wish, every, turnsLeft: 1, missed: 0, followed: false };
    events.push(this.#parts.greeting);
    events.once('close', () => this.#leave(reader));
    this.#readers.add(reader);
    if (!this.#timer) {
      this.#timer = setInterval(() => this.turn(), this.#parts.interval);
      this.#parts.onRead?.(true);
    }
    return events;
  }

  /** One interval. Called by a timer of its own while anybody reads. */
  turn(): void {
    let bytes: ((wish: Wish, followed: boolean) => Buffer) | undefined;
    for (const reader of this.#readers) {
      reader.turnsLeft -= 1;
      if (reader.turnsLeft > 0) continue;
      reader.turnsLeft = reader.every;
      if (reader.events.readableLength > 0) {
        reader.missed += 1;
        reader.followed = false;
        if (reader.missed >= MISSED_TURNS) reader.events.destroy();
        continue;
      }
      reader.missed = 0;
      bytes ??= this.#parts.begin();
      reader.events.push(bytes(reader.wish, reader.followed));
      reader.followed = true;
    }
  }

  #leave(reader: Reader<Wish>): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#parts.onRead?.(false);
  }
}

/** As it stands in a stream. */
export const event = (name: string, data: object): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

/** Resolves after so many milliseconds, or when the signal says so. */
export function paused(milliseconds: number, signal: AbortSignal): Promise<void> {
  return wait(milliseconds, undefined, { signal, ref: false }).catch(() => {});
}
