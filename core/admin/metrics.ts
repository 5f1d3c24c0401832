/** `/metrics`: what Prometheus scrapes, to as many as ask. */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Middleware } from 'koa';
import type { Scrape } from '../telemetry/prometheus.ts';

/** Texts that are being read, each by any number of readers: one may be megabytes, and who stops reading would hold it for good. */
const TEXTS = 4;

export function metrics(scrape: Scrape): Middleware {
  /** Those of the oldest text first. */
  const readers = new Map<readonly Buffer[], Set<ServerResponse>>();

  const read = (text: readonly Buffer[], res: ServerResponse) => {
    // Who has left while it was written.
    if (res.destroyed) return;
    const all = readers.get(text) ?? new Set();
    readers.set(text, all.add(res));
    res.once('close', () => {
      all.delete(res);
      if (all.size === 0 && readers.get(text) === all) readers.delete(text);
    });
    for (const [oldest, slow] of readers) {
      if (readers.size <= TEXTS) break;
      readers.delete(oldest);
      for (const reader of slow) reader.destroy();
    }
  };

  return async (ctx) => {
    const coding = ctx.acceptsEncodings('gzip', 'identity') === 'gzip' ? 'gzip' : 'identity';
    const chunks = await scrape(coding);
    read(chunks, ctx.res);
    ctx.type = 'text/plain; version=0.0.4; charset=utf-8';
    ctx.vary('Accept-Encoding');
    if (coding === 'gzip') ctx.set('Content-Encoding', coding);
    ctx.body = Readable.from(chunks, { objectMode: false });
    ctx.length = chunks.reduce((sum, { length }) => sum + length, 0);
  };
}
