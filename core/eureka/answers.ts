/** What is asked of the registry again and again, in the form asked for: JSON unless Accept lacks it, compressed where it may be. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Context } from 'koa';
import type { Clock } from '../clock.ts';
import type { Detail } from './document.ts';
import { writeXml } from './xml.ts';

/** `responseCacheUpdateIntervalMs`: how old the times of heartbeats may be. A change is seen at once. */
const LONGEST = 30_000;

/** Bytes below which an answer is sent as it is. */
const WORTH_COMPRESSING = 860;

const compress = promisify(gzip);

interface Kept {
  readonly version: number;
  readonly at: number;
  readonly text: string;
  compressed: Promise<Buffer> | undefined;
}

export interface AnswersParts {
  readonly clock: Clock;
  /** Changes with every change of the registry. */
  version(): number;
}

export class Answers {
  readonly #parts: AnswersParts;
  readonly #kept = new Map<string, Kept>();

  constructor(parts: AnswersParts) {
    this.#parts = parts;
  }

  /** Answers with a document that is made anew only when something changed. @param name one of few, for each is kept */
  async send(ctx: Context, name: string, make: (detail: Detail) => object): Promise<void> {
    const detail = detailOf(ctx);
    const key = `${name} ${formOf(ctx)} ${detail}`;
    let kept = this.#kept.get(key);
    const version = this.#parts.version();
    const now = this.#parts.clock.now();
    if (!kept || kept.version !== version || now - kept.at >= LONGEST) {
      kept = { version, at: now, text: written(ctx, make(detail)), compressed: undefined };
      this.#kept.set(key, kept);
    }
    describe(ctx);
    if (kept.text.length < WORTH_COMPRESSING || ctx.acceptsEncodings('gzip', 'identity') !== 'gzip') {
      ctx.body = kept.text;
      return;
    }
    kept.compressed ??= compress(kept.text, { level: 1 });
    ctx.set('Content-Encoding', 'gzip');
    ctx.body = await kept.compressed;
  }
}

/** Answers with a document made for this request. */
export function send(ctx: Context, document: object): void {
  const text = written(ctx, document);
  describe(ctx);
  ctx.body = text;
}

/** `X-Eureka-Accept` */
export function detailOf(ctx: Context): Detail {
  return ctx.get('x-eureka-accept').toLowerCase() === 'compact' ? 'compact' : 'full';
}

const formOf = (ctx: Context): 'json' | 'xml' => (ctx.get('accept').includes('json') ? 'json' : 'xml');

const written = (ctx: Context, document: object): string => (formOf(ctx) === 'json' ? JSON.stringify(document) : writeXml(document));

function describe(ctx: Context): void {
  ctx.status = 200;
  ctx.set('Content-Type', formOf(ctx) === 'json' ? 'application/json' : 'application/xml');
  ctx.vary('Accept, Accept-Encoding, X-Eureka-Accept');
}
