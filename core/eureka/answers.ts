/** What is asked of the registry again and again, in the form asked for: JSON unless Accept lacks it, compressed where it may be. */
import type { Context } from 'koa';
import type { Clock } from '../clock.ts';
import type { Detail } from './document.ts';
import { compressed, joined, type Part, sizeOf } from './parts.ts';
import { type Form, Texts } from './texts.ts';
import { writeXml } from './xml.ts';

/** `responseCacheUpdateIntervalMs`: how old the times of heartbeats may be. */
const LONGEST = 30_000;

/**
 * Bytes that are written anew at every change, some hundred instances. A larger answer is up to a millisecond old for each
 * `PER_MILLISECOND` of it: when thousands come at once, and as many ask, writing it takes a few percent of the time.
 */
const ALWAYS_NEW = 100_000;
const PER_MILLISECOND = 5_000;

/** Bytes below which an answer is sent as it is. */
const WORTH_COMPRESSING = 860;

/** Ready to be sent, shared by all who ask for the same. */
interface Kept {
  readonly version: number;
  readonly at: number;
  /** Bytes, uncompressed. */
  readonly length: number;
  readonly compressed: boolean;
  readonly bytes: Promise<Buffer>;
}

export interface AnswersParts {
  readonly clock: Clock;
  /** Changes with every change of the registry. */
  version(): number;
}

export class Answers {
  readonly #parts: AnswersParts;
  readonly #kept = new Map<string, Kept>();
  readonly #texts = new Map<string, Texts>();

  constructor(parts: AnswersParts) {
    this.#parts = parts;
  }

  /**
   * Answers with a document that is made anew only when something changed. Who is told of changes as they come must not be sent
   * back by an answer from before: `Cache-Control: no-cache` asks for what is now (RFC 9111 section 5.2.1.4).
   *
   * @param name one of few, for each is kept
   */
  async send(ctx: Context, name: string, make: (texts: Texts) => Part[]): Promise<void> {
    const [form, detail, gzipped] = [formOf(ctx), detailOf(ctx), ctx.acceptsEncodings('gzip', 'identity') === 'gzip'];
    const key = `${name} ${form} ${detail} ${gzipped}`;
    let kept = this.#kept.get(key);
    if (!kept || !this.#isFresh(kept) || (kept.version !== this.#parts.version() && wantsTheLatest(ctx))) {
      this.#forget();
      kept = this.#made(make(this.#textsIn(form, detail)), gzipped);
      this.#kept.set(key, kept);
    }
    describe(ctx, form);
    if (kept.compressed) ctx.set('Content-Encoding', 'gzip');
    ctx.body = await kept.bytes;
  }

  /** Answers with a document that nobody else asks for. */
  sendOnce(ctx: Context, make: (texts: Texts) => Part[]): void {
    const form = formOf(ctx);
    describe(ctx, form);
    ctx.body = joined(make(this.#textsIn(form, detailOf(ctx))));
  }

  #isFresh({ version, at, length }: Kept): boolean {
    const age = this.#parts.clock.now() - at;
    if (version === this.#parts.version()) return age < LONGEST;
    return length > ALWAYS_NEW && age < Math.min(length / PER_MILLISECOND, LONGEST);
  }

  #made(parts: readonly Part[], zipped: boolean): Kept {
    const length = sizeOf(parts);
    const isCompressed = zipped && length >= WORTH_COMPRESSING;
    const bytes = isCompressed ? compressed(parts) : Promise.resolve(joined(parts));
    return { version: this.#parts.version(), at: this.#parts.clock.now(), length, compressed: isCompressed, bytes };
  }

  /** What would be made anew all the same: whole registries, in forms that may never be asked for again. */
  #forget(): void {
    for (const [key, kept] of this.#kept) if (!this.#isFresh(kept)) this.#kept.delete(key);
  }

  #textsIn(form: Form, detail: Detail): Texts {
    const key = `${form} ${detail}`;
    const texts = this.#texts.get(key) ?? new Texts(form, detail);
    this.#texts.set(key, texts);
    return texts;
  }
}

/** Answers with a small document made for this request. */
export function send(ctx: Context, document: object): void {
  const form = formOf(ctx);
  const text = form === 'json' ? JSON.stringify(document) : writeXml(document);
  describe(ctx, form);
  ctx.body = text;
}

/** `X-Eureka-Accept` */
export function detailOf(ctx: Context): Detail {
  return ctx.get('x-eureka-accept').toLowerCase() === 'compact' ? 'compact' : 'full';
}

const wantsTheLatest = (ctx: Context): boolean => /\bno-cache\b/i.test(ctx.get('cache-control'));

const formOf = (ctx: Context): Form => (ctx.get('accept').includes('json') ? 'json' : 'xml');

function describe(ctx: Context, form: Form): void {
  ctx.status = 200;
  ctx.set('Content-Type', form === 'json' ? 'application/json' : 'application/xml');
  ctx.vary('Accept, Accept-Encoding, X-Eureka-Accept');
}
