/** `/metrics`: what Prometheus scrapes, to as many as ask. */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Middleware } from 'koa';
import type { Scrape } from '../telemetry/prometheus.ts';

/** Bytes of texts that are being read, each by any number of readers: who stops reading would hold one of megabytes for good. */
const HELD = 64 * 1024 * 1024;

interface Readers {
  readonly size: number;
  readonly all: Set<ServerResponse>;
}

export function metrics(scrape: Scrape): Middleware {
  /** Those of the oldest text first. */
  const reading = new Map<readonly Buffer[], Readers>();
  let held = 0;

  const forget = (text: readonly Buffer[]) => {
    held -= reading.get(text)?.size ?? 0;
    reading.delete(text);
  };
  const hold = (text: readonly Buffer[], size: number, res: ServerResponse) => {
    // Who has left while it was written.
    if (res.destroyed) return;
    const readers = reading.get(text) ?? { size, all: new Set() };
    if (readers.all.size === 0) held += size;
    reading.set(text, readers);
    readers.all.add(res);
    res.once('close', () => {
      readers.all.delete(res);
      if (readers.all.size === 0 && reading.get(text) === readers) forget(text);
    });
    for (const [oldest, { all }] of reading) {
      if (held <= HELD || oldest === text) break;
      forget(oldest);
      for (const slow of all) slow.destroy();
    }
  };

  return async (ctx) => {
    const coding = ctx.acceptsEncodings('gzip', 'identity') === 'gzip' ? 'gzip' : 'identity';
    const chunks = await scrape(coding);
    const size = chunks.reduce((sum, { length }) => sum + length, 0);
    hold(chunks, size, ctx.res);
    ctx.type = 'text/plain; version=0.0.4; charset=utf-8';
    ctx.vary('Accept-Encoding');
    if (coding === 'gzip') ctx.set('Content-Encoding', coding);
    ctx.body = Readable.from(chunks, { objectMode: false });
    ctx.length = size;
  };
}
