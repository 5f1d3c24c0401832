/**
 * Who may use the admin port. What changes something needs the token; where the port listens on more than loopback, so does all but what
 * orchestrators and Prometheus ask. No page of a stranger gets through: not by its own origin, not by a name that leads here.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { Context, Middleware } from 'koa';
import { isLoopback } from '../config/hosts.ts';
import { AdminProblem } from './problem.ts';

export interface GuardOptions {
  /** The address that the port listens on. */
  readonly host: string;
  /** Undefined where there is none: then nobody has it. */
  token(): string | undefined;
  /** What waits before a wrong token is answered. */
  delay?(): Promise<void>;
}

/** Asked by who has no token. */
const OPEN = new Set(['/livez', '/readyz', '/startupz', '/metrics']);
/** The page itself, which says nothing of this gateway and in which the token is entered. */
const isPage = (path: string): boolean => path === '/' || /^\/(?:admin\/)?page\/[^/]+$/.test(path);
const READING = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Sent as POST for they have a body, but nothing is changed by them. */
const ASKING = new Set(['/explain']);

/** Milliseconds. */
const WRONG = 500;
/** Wrong tokens that wait at once; more are turned away. The right one never waits. */
const MOST_WAITING = 32;

const later = () => new Promise<void>((resolve) => setTimeout(resolve, WRONG).unref());

export function guard({ host, token, delay = later }: GuardOptions): Middleware {
  const local = isLoopback(host);
  let waiting = 0;

  const admit = async (ctx: Context): Promise<void> => {
    const given = /^Bearer +([^\s]+) *$/i.exec(ctx.get('authorization'))?.[1];
    const wanted = token();
    if (given !== undefined && wanted !== undefined && isSame(given, wanted)) return;
    const headers = { 'WWW-Authenticate': `Bearer realm="postern"${given === undefined ? '' : ', error="invalid_token"'}` };
    if (wanted === undefined)
      throw new AdminProblem('unauthenticated', {
        headers,
        detail: 'The gateway has no token: admin-token-unwritten in its log says why. Or configure admin.token.',
      });
    if (given === undefined) throw new AdminProblem('unauthenticated', { headers, detail: 'Authorization: Bearer TOKEN' });
    if (waiting >= MOST_WAITING) throw new AdminProblem('rate-limited', { headers: { 'Retry-After': '1' } });
    waiting += 1;
    await delay();
    waiting -= 1;
    throw new AdminProblem('unauthenticated', { headers, detail: 'The token is wrong' });
  };

  return async function guard(ctx, next) {
    if (OPEN.has(ctx.path)) return next();
    if (local && !isOwnName(ctx.get('host'))) throw new AdminProblem('forbidden', { detail: 'Host must be an address or localhost' });
    const origin = ctx.get('origin');
    if (origin !== '' && URL.parse(origin)?.host !== ctx.get('host'))
      throw new AdminProblem('forbidden', { detail: 'The page is of another origin' });
    // Images and scripts of a page tell no origin, and would hold a place among the readers of events.
    if (/^(?:cross|same)-site$/.test(ctx.get('sec-fetch-site')) && ctx.get('sec-fetch-mode') !== 'navigate')
      throw new AdminProblem('forbidden', { detail: 'The page is of another site' });
    const changes = !READING.has(ctx.method) && !ASKING.has(ctx.path);
    if (changes || (!local && !isPage(ctx.path))) await admit(ctx);
    return next();
  };
}

/** In a time that tells nothing of where they differ. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** Whether no DNS server could have been asked for it. */
function isOwnName(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return name === 'localhost' || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}
