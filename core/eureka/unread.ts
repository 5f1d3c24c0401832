/** What waits to be read: a list is large, asking for it costs nothing, and who asks may never read. */
import { Stream } from 'node:stream';
import type { Middleware } from 'koa';
import { Refused } from './refused.ts';

export interface UnreadLimits {
  /** Bytes of all answers under way; one that many are sent at once counts once, and the only one is never too large. */
  readonly bytes: number;
  /** Milliseconds in which an answer is read, or else its connection ends. */
  readonly time: number;
}

const defaultLimits: UnreadLimits = { bytes: 128 * 1024 * 1024, time: 60_000 };

/** Throws Refused 503 when there is no room for the answer, at which a client asks another server, or later. */
export function unreadWithin({ bytes: most, time }: UnreadLimits = defaultLimits): Middleware {
  const readers = new Map<Buffer, number>();
  let held = 0;
  return async function unreadWithin(ctx, next) {
    await next();
    const bytes = bytesOf(ctx.body);
    // Of who has left meanwhile nothing would say that he has.
    if (!bytes || ctx.res.destroyed) return;
    const others = readers.get(bytes) ?? 0;
    if (others === 0 && held > 0 && held + bytes.length > most) {
      ctx.remove('Content-Encoding');
      throw new Refused(503, 'Too much of what was asked for is not read');
    }
    if (others === 0) held += bytes.length;
    readers.set(bytes, others + 1);
    const late = setTimeout(() => ctx.res.destroy(), time).unref();
    ctx.res.once('close', () => {
      clearTimeout(late);
      const left = (readers.get(bytes) ?? 1) - 1;
      if (left > 0) return void readers.set(bytes, left);
      readers.delete(bytes);
      held -= bytes.length;
    });
    ctx.body = bytes;
  };
}

/** Undefined for what has no length before it ends, and for nothing. */
function bytesOf(body: unknown): Buffer | undefined {
  if (body === undefined || body === null || body === '' || body instanceof Stream) return undefined;
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}
