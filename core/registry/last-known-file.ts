/** The file with the last known endpoints of a gateway's services: read once at the start, written as they change. */
import { randomUUID } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
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

/** Each file of a gateway once, whatever configuration it is named by. */
export class LastKnownFiles {
  readonly #parts: LastKnownFileParts;
  readonly #files = new Map<string, LastKnownFile>();

  constructor(parts: LastKnownFileParts) {
    this.#parts = parts;
  }

  of(file: string): LastKnownFile {
    const known = this.#files.get(file) ?? new LastKnownFile(file, this.#parts);
    this.#files.set(file, known);
    return known;
  }

  /** Writes what is known at the end, and no more. */
  async close(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    await Promise.all(files.map((file) => file.close()));
  }
}

export class LastKnownFile {
  readonly #file: string;
  readonly #parts: LastKnownFileParts;
  /** What the file said at the start of services that have found out nothing since; undefined before it is read. */
  #read: Map<string, LastKnown> | undefined;
  /** Of each service, what it knows now: the latest of several who have it, if that knows anything. */
  readonly #services = new Map<string, readonly (() => LastKnown | undefined)[]>();
  #changed = false;
  /** Whether it was written in this run. */
  #written = false;
  /** Whether what earlier runs left was looked for. */
  #cleared = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #warned = false;
  #closed = false;

  /** Nothing is read or written before a service asks. */
  constructor(file: string, parts: LastKnownFileParts) {
    this.#file = file;
    this.#parts = parts;
  }

  /** What is known of a service from before, if it still comes from there: of this run, where another source of it knows anything. */
  recall(service: string, from: Origin): LastKnown | undefined {
    this.#read ??= new Map(this.#fromFile());
    const known = this.#known(service) ?? this.#read.get(service);
    return known && isSame(known.from, from) ? known : undefined;
  }

  /** It is not written any more what this one knows; and what the file of before says of a service that nobody has is over. */
  forget(service: string, now: () => LastKnown | undefined): void {
    const others = (this.#services.get(service) ?? []).filter((other) => other !== now);
    if (others.length > 0) this.#services.set(service, others);
    else this.#services.delete(service);
    if (others.length === 0) this.#read?.delete(service);
  }

  /** From now on it is written what this service knows. @returns to be called when that has changed */
  keep(service: string, now: () => LastKnown | undefined): () => void {
    this.#services.set(service, [...(this.#services.get(service) ?? []), now]);
    return () => {
      this.#read?.delete(service);
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

  #known(service: string): LastKnown | undefined {
    const all = this.#services.get(service) ?? [];
    return all.map((now) => now()).findLast((said) => said !== undefined);
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
      const known = [...this.#services.keys()].flatMap((service) => {
        const one = this.#known(service);
        return one ? [[service, one] as const] : [];
      });
      const part = `${this.#file}.${randomUUID()}`;
      try {
        const text = written(new Map(known));
        if (text.length > LARGEST) throw new Error(`it would be larger than ${LARGEST} bytes`);
        await mkdir(dirname(this.#file), { recursive: true });
        if (!this.#cleared) await this.#clear();
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
      const { known, problems } = read(textOf(this.#file), clock.epoch());
      logger.info({ event: 'last-known-read', file: this.#file, services: known.size });
      // One line for all: they are likely odd in the same way.
      if (problems.length > 0) this.#warn('last-known-unread', problems[0], { services: problems.length });
      return known;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#warn('last-known-unread', error);
      return new Map();
    }
  }

  /** Removes what was not renamed yet when an earlier run was killed. */
  async #clear(): Promise<void> {
    this.#cleared = true;
    const folder = dirname(this.#file);
    const prefix = `${basename(this.#file)}.`;
    for (const name of await readdir(folder))
      if (name.startsWith(prefix) && UUID.test(name.slice(prefix.length))) await rm(join(folder, name), { force: true });
  }

  #warn(event: string, error: unknown, more: object = {}): void {
    this.#parts.logger.warn({ event, file: this.#file, ...more, why: error instanceof Error ? error.message : String(error) });
  }
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** @throws the system's error, and for what is no file: opening or reading a pipe or a device may never end */
function textOf(file: string): string {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Error('it is no file');
    if (stats.size > LARGEST) throw new Error(`it is larger than ${LARGEST} bytes`);
    const bytes = Buffer.alloc(stats.size);
    return bytes.toString('utf8', 0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}
