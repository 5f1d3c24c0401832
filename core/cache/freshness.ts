/** How long an answer is fresh, how old it is, and whether it may be given for a request (RFC 9111 section 4.2, RFC 5861). */

import { listOf, oneOf, valuesOf } from '../upstream/fields.ts';
import type { RequestDirectives, ResponseDirectives } from './directives.ts';
import { LONGEST, seconds } from './directives.ts';
import { readDate } from './http-date.ts';

/** Statuses that may be reused although nothing says how long (RFC 9110 section 15.1). 206 is not stored here. */
const HEURISTICALLY_CACHEABLE = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]);

/** Of the time for which it has not changed (section 4.2.2), at most this many seconds. */
const HEURISTIC_SHARE = 0.1;
const HEURISTIC_MOST = 24 * 3600;

export interface Head {
  readonly status: number;
  /** Flat. */
  readonly fields: readonly string[];
  readonly directives: ResponseDirectives;
}

export interface Lifetime {
  /** From the moment when the origin gave the answer. */
  readonly seconds: number;
  /** Whether the answer says so, and not the gateway. */
  readonly explicit: boolean;
}

/**
 * @param age seconds, when the answer was received
 * @param ttl seconds, from when it was received, for an answer that says nothing of its own; by its Last-Modified when `undefined`
 * @param now milliseconds since 1970
 */
export function lifetimeOf({ status, fields, directives }: Head, age: number, ttl: number | undefined, now: number): Lifetime {
  const { sMaxage, maxAge, targeted } = directives;
  const said = sMaxage ?? maxAge ?? (targeted ? undefined : untilExpires(fields, now));
  if (said !== undefined) return { seconds: said, explicit: true };
  if (!HEURISTICALLY_CACHEABLE.has(status) && !directives.public) return { seconds: 0, explicit: false };
  if (ttl === undefined) return { seconds: heuristic(fields, now), explicit: false };
  // An error that a single odd request can provoke must not be everybody's answer.
  return { seconds: ttl > 0 && status < 400 ? age + ttl : 0, explicit: false };
}

/** Expires, from Date on. Anything but one date is in the past (section 5.3). */
export function untilExpires(fields: readonly string[], now: number): number | undefined {
  const given = valuesOf(fields, 'expires');
  if (given.length === 0) return undefined;
  const expires = given.length === 1 ? readDate(given[0], now) : undefined;
  return expires === undefined ? 0 : Math.min(LONGEST, Math.max(0, (expires - dateOf(fields, now)) / 1000));
}

function heuristic(fields: readonly string[], now: number): number {
  const modified = readDate(oneOf(fields, 'last-modified'), now);
  if (modified === undefined) return 0;
  return Math.min(HEURISTIC_MOST, Math.max(0, Math.floor(((dateOf(fields, now) - modified) / 1000) * HEURISTIC_SHARE)));
}

function dateOf(fields: readonly string[], now: number): number {
  return readDate(oneOf(fields, 'date'), now) ?? now;
}

/**
 * How old an answer is when it is received, in seconds (section 4.2.3).
 *
 * @param now milliseconds since 1970. @param delay milliseconds from the request to the answer's head
 */
export function ageOnArrival(fields: readonly string[], now: number, delay: number): number {
  const apparent = Math.max(0, (now - dateOf(fields, now)) / 1000);
  // The first of several: what the nearest cache said.
  const said = seconds(listOf(fields, 'age')?.split(',', 1)[0]?.trim()) ?? 0;
  return Math.max(apparent, said + delay / 1000);
}

/** What decides whether a stored answer may be given. */
export interface Reusable {
  readonly directives: ResponseDirectives;
  readonly lifetime: Lifetime;
}

/** What the route adds to what answers say, in seconds. */
export interface Allowances {
  readonly staleWhileRevalidate: number;
  readonly staleIfError: number;
}

/**
 * `fresh`: as it is; `stale`: as it is, for the client takes it so; `revalidate-behind`: as it is, while the service is asked; `ask`: the
 * service must be asked first.
 */
export type Reuse = 'fresh' | 'stale' | 'revalidate-behind' | 'ask';

/** @param age seconds, now */
export function reuseOf({ directives, lifetime }: Reusable, age: number, asked: RequestDirectives, allows: Allowances): Reuse {
  const { maxAge = Number.POSITIVE_INFINITY, minFresh = 0, maxStale } = asked;
  if (directives.noCache || asked.noCache || age > maxAge) return 'ask';
  const left = lifetime.seconds - age;
  if (left > 0) return left >= minFresh ? 'fresh' : 'ask';
  if (maxStale !== undefined && -left <= maxStale && !forbidsStale(directives) && directives.sMaxage === undefined) return 'stale';
  // Who asks for freshness does not take what is stale (section 5.2.1).
  const bound = asked.maxAge !== undefined || asked.minFresh !== undefined;
  return !bound && -left < graceOf(directives, 'staleWhileRevalidate', allows) ? 'revalidate-behind' : 'ask';
}

/** Whether a stale answer may stand in for a service that fails. @param age seconds, now */
export function standsIn({ directives, lifetime }: Reusable, age: number, allows: Allowances): boolean {
  if (directives.noCache) return false;
  const grace = Math.max(graceOf(directives, 'staleIfError', allows), graceOf(directives, 'staleWhileRevalidate', allows));
  return age < lifetime.seconds + grace;
}

/** For how many seconds an answer may be given although it is stale. */
function graceOf(directives: ResponseDirectives, kind: keyof Allowances, allows: Allowances): number {
  if (forbidsStale(directives)) return 0;
  // `s-maxage` alone means `proxy-revalidate` (section 5.2.2.10): the route cannot soften it, the answer's own word beside it does.
  return directives[kind] ?? (directives.sMaxage === undefined ? allows[kind] : 0);
}

/** Section 4.2.4. */
function forbidsStale({ mustRevalidate, proxyRevalidate }: ResponseDirectives): boolean {
  return mustRevalidate || proxyRevalidate;
}
