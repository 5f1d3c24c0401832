/** The file with the last known endpoints of a gateway's services: read once at the start, written as they change. */
import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import { isSame, type LastKnown, type Origin, read, written } from './last-known.ts';

/** Milliseconds from a change until it is written, with all that changed meanwhile. */
const SOON = 1_000;
/** Milliseconds after which it is written although nothing changed, so that it says until when that was so. */
const AFRESH = 60_000;
/** Bytes; a gateway with more endpoints than that has none of them kept. */
const LARGEST = 32 * 1024 * 1024;

export interface LastKnownFileParts {
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

export class LastKnownFile {
  readonly #file: string;
  readonly #parts: LastKnownFileParts;
  /** What the file said at the start; undefined before it is read. */
  #read: ReadonlyMap<string, LastKnown> | undefined;
  /** Of each service, what it knows now. */
  readonly #services = new Map<string, () => LastKnown | undefined>();
  #changed = false;
  /** Whether it was written in this run. */
  #written = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #warned = false;
  #closed = false;

  /** Nothing is read or written before a service asks. */
  constructor(file: string, parts: LastKnownFileParts) {
    this.#file = file;
    this.#parts = parts;
  }

  /** What is known of a service from before, if it still comes from there. */
  recall(service: string, from: Origin): LastKnown | undefined {
    this.#read ??= this.#fromFile();
    const known = this.#read.get(service);
    return known && isSame(known.from, from) ? known : undefined;
  }

  /** From now on it is written what this service knows. @returns to be called when that has changed */
  keep(service: string, now: () => LastKnown | undefined): () => void {
    this.#services.set(service, now);
    return () => {
      if (this.#changed || this.#closed) return;
      this.#changed = true;
      this.#writeIn(SOON);
    };
  }

  /** Writes what is known at the end, if anything was found out, and no more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    if (this.#changed || this.#written) this.#write();
    await this.#writing;
  }

  #writeIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#write(), milliseconds).unref();
  }

  /** After what is being written already. */
  #write(): void {
    this.#changed = false;
    this.#written = true;
    this.#writing = this.#writing.then(async () => {
      const known = [...this.#services].flatMap(([service, now]) => {
        const one = now();
        return one ? [[service, one] as const] : [];
      });
      const part = `${this.#file}.${randomUUID()}`;
      try {
        const text = written(new Map(known));
        if (text.length > LARGEST) throw new Error(`it would be larger than ${LARGEST} bytes`);
        await mkdir(dirname(this.#file), { recursive: true });
        await writeFile(part, text, { mode: 0o600, flush: true });
        await rename(part, this.#file);
      } catch (error) {
        // Once: it will be no better the next time, and nobody is the worse for it before a restart.
        if (!this.#warned) this.#warn('last-known-unwritten', error);
        this.#warned = true;
        await rm(part, { force: true }).catch(() => {});
      }
      if (!this.#closed && !this.#changed) this.#writeIn(AFRESH);
    });
  }

  #fromFile(): ReadonlyMap<string, LastKnown> {
    const { clock, logger } = this.#parts;
    try {
      if (statSync(this.#file).size > LARGEST) throw new Error(`it is larger than ${LARGEST} bytes`);
      const known = read(readFileSync(this.#file, 'utf8'), clock.epoch());
      logger.info({ event: 'last-known-read', file: this.#file, services: known.size });
      return known;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#warn('last-known-unread', error);
      return new Map();
    }
  }

  #warn(event: string, error: unknown): void {
    this.#parts.logger.warn({ event, file: this.#file, why: error instanceof Error ? error.message : String(error) });
  }
}
