/** A refusal of the admin port, as a problem document (RFC 9457). */
import { STATUS_CODES } from 'node:http';
import type { Context } from 'koa';

export function problemOf(ctx: Context, status: number, detail: string, members: Readonly<Record<string, unknown>> = {}): void {
  ctx.status = status;
  ctx.body = JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail, ...members });
  ctx.type = 'application/problem+json';
}
