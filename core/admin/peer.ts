/** The other gateway of the pair as this one's dashboard shows it: its events are read while somebody looks, and passed on. */
import type { Readable } from 'node:stream';
import { request } from 'undici';
import type { Clock, Random } from '../clock.ts';
import { EventReader } from '../registry/event-stream.ts';
import { History } from './history.ts';
import { event, paused } from './readers.ts';
import { isObject, isShallow, type JsonObject, type Patch, withChange } from './state-change.ts';
import { isState } from './told-state.ts';

/** Characters of one event: the whole state of a gateway with ten thousand routes. */
const LONGEST = 4 * 1024 * 1024;
/** Bytes after which it is asked for the whole of it anew: whatever it tells, it takes no more memory than this. */
const MOST_BYTES = 16 * 1024 * 1024;
/** What it may tell beyond the whole of it once: bytes and events a second. More is no gateway, and would keep this one busy. */
const MOST_BYTES_A_SECOND = 512 * 1024;
const MOST_EVENTS_A_SECOND = 3;
const FIRST_EVENTS = 10;
/** Objects within objects. */
const DEEPEST = 8;
/** Milliseconds without an event, which come every second: the connection is dead, whatever the system says. */
const SILENCE = 10_000;
/** Milliseconds of the first pause before another try and of the longest, half of each by chance; they double between, until it lasts. */
const AGAIN = 500;
const LASTS = 10_000;
const LONGEST_PAUSE = 15_000;

export interface PeerParts {
  /** Of its admin port. */
  readonly url: string;
  /** Its name; whoever else answers there is none. */
  readonly gateway: string;
  /** With which it may be read. */
  token?(): string | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

type Standing = { readonly is: 'asked' | 'live' } | { readonly is: 'away'; readonly since: number; readonly why: string };

export class Peer {
  readonly #parts: PeerParts;
  readonly #readers = new Set<Readable>();
  #over: AbortController | undefined;
  #state: JsonObject | undefined;
  #history = new History();
  #standing: Standing = { is: 'asked' };
  /** Events that nobody has been told. */
  #waiting: string[] = [];
  #waitingSize = 0;

  constructor(parts: PeerParts) {
    this.#parts = parts;
  }

  /** Reads as long as this reader does, or another one. */
  read(reader: Readable): void {
    this.#readers.add(reader);
    reader.once('close', () => {
      this.#readers.delete(reader);
      if (this.#readers.size === 0) this.close();
    });
    if (this.#over) return;
    this.#over = new AbortController();
    void this.#run(this.#over.signal);
  }

  /** All that is known of it, as events. */
  whole(): string {
    const standing = this.#told();
    return this.#state ? standing + event('state', { ...this.#state, history: this.#history.report() }) : standing;
  }

  /** What happened since this was asked last, as events. */
  news(): string {
    const news = this.#waiting.join('');
    this.#forgetWaiting();
    return news;
  }

  close(): void {
    this.#over?.abort();
    this.#over = undefined;
    this.#state = undefined;
    this.#history = new History();
    this.#standing = { is: 'asked' };
    this.#forgetWaiting();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    let pause = AGAIN;
    while (!signal.aborted) {
      const began = clock.now();
      try {
        await this.#follow(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#lost(error);
      }
      if (clock.now() - began > LASTS) pause = AGAIN;
      await paused(pause * (0.5 + this.#parts.random() / 2), signal);
      pause = Math.min(LONGEST_PAUSE, pause * 2);
    }
  }

  /** Returns when it is to be asked for everything anew. @throws when the connection ends, however it does */
  async #follow(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    const token = this.#parts.token?.();
    const began = clock.now();
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(new Error(`nothing came for ${SILENCE / 1000} s`)), SILENCE);
    try {
      const { statusCode, body } = await request(new URL('/events?own', this.#parts.url), {
        headers: { accept: 'text/event-stream', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
        signal: AbortSignal.any([signal, silence.signal]),
        // What comes is listened for here.
        bodyTimeout: 0,
      });
      if (statusCode !== 200) {
        // Destroyed before its end, it fails, which nobody else listens for.
        body.on('error', () => {}).destroy();
        throw new Error(`it answered ${statusCode}`);
      }
      const reader = new EventReader(LONGEST);
      let [size, events] = [0, 0];
      for await (const chunk of body as AsyncIterable<Buffer>) {
        const seconds = (clock.now() - began) / 1000;
        size += chunk.length;
        if (size > LONGEST + 64 * 1024 + seconds * MOST_BYTES_A_SECOND) throw new Error('it tells more than any gateway does');
        for (const { event: name, data } of reader.take(chunk)) {
          // Not for a byte: one who sends comments for ever tells nothing.
          timer.refresh();
          events += 1;
          if (events > FIRST_EVENTS + seconds * MOST_EVENTS_A_SECOND) throw new Error('it tells more often than any gateway does');
          this.#take(name, data);
        }
        if (size > MOST_BYTES) return;
      }
      throw new Error('it closed the connection');
    } finally {
      clearTimeout(timer);
    }
  }

  #take(name: string, data: string): void {
    const told: unknown = JSON.parse(data);
    if (!isObject(told) || told['gateway'] !== this.#parts.gateway) throw new Error(`it is not the ${this.#parts.gateway}`);
    // A line end would make more than one event of it.
    if (!isShallow(told, DEEPEST) || data.includes('\n')) throw new Error('it tells what no gateway does');
    const { history, ...state } = told;
    if (name !== 'state' && !(name === 'change' && this.#state)) return;
    const now = name === 'change' && this.#state ? withChange(this.#state, told as Patch) : state;
    if (!isState(now)) throw new Error('it tells what no gateway of this version does');
    if (name === 'state') this.#history = History.of(history);
    this.#state = now;
    this.#sample();
    if (this.#standing.is !== 'live') {
      this.#standing = { is: 'live' };
      this.#wait(this.#told());
    }
    this.#wait(`event: ${name}\ndata: ${data}\n\n`);
  }

  /** Goes on with its history, that who comes later has it too. */
  #sample(): void {
    const { at, services } = this.#state ?? {};
    if (typeof at !== 'number' || !isObject(services) || !this.#history.due(at)) return;
    const samples = Object.entries(services).map(([name, service]) => {
      const { rate, failures } = isObject(service) ? service : {};
      return [name, { rate: Number(rate) || 0, failures: Number(failures) || 0 }] as const;
    });
    this.#history.record(at, samples);
  }

  #lost(error: unknown): void {
    const since = this.#standing.is === 'away' ? this.#standing.since : Math.round(this.#parts.clock.epoch());
    this.#standing = { is: 'away', since, why: whyOf(error) };
    this.#state = undefined;
    this.#wait(this.#told());
  }

  #told(): string {
    const { gateway, url } = this.#parts;
    return event('peer', { gateway, url, standing: this.#standing });
  }

  /** Of what nobody asks for, the whole is kept only. */
  #wait(text: string): void {
    if (this.#waitingSize + text.length > LONGEST) {
      this.#forgetWaiting();
      this.#waiting.push(this.whole());
      return;
    }
    this.#waiting.push(text);
    this.#waitingSize += text.length;
  }

  #forgetWaiting(): void {
    this.#waiting = [];
    this.#waitingSize = 0;
  }
}

/** Of a name with several addresses, what failed at the first. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, code } = error as NodeJS.ErrnoException;
  return message === '' ? String(code) : message;
}
