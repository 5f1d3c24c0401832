/** What a cache did with a request, as it tells clients (RFC 9211), the log and the metrics. */

/** In the log and the metrics. */
export type CacheResult = 'hit' | 'miss' | 'stale' | 'revalidated' | 'bypass';

/** Why a request went on to the service. */
export type Forwarded = 'bypass' | 'miss' | 'request' | 'stale';

export interface CacheStatus {
  readonly hit?: boolean;
  readonly fwd?: Forwarded;
  /** The status the service answered with, where the client is told another. */
  readonly fwdStatus?: number;
  /** Seconds for which the answer is fresh still; negative when it is not. */
  readonly ttl?: number;
  readonly stored?: boolean;
  /** Whether it waited for another's call. */
  readonly collapsed?: boolean;
  /** A token. */
  readonly detail?: string;
}

/** `public-gateway; hit; ttl=30` */
export function cacheStatus(name: string, { hit, fwd, fwdStatus, ttl, stored, collapsed, detail }: CacheStatus): string {
  let text = name;
  if (hit) text += '; hit';
  if (fwd !== undefined) text += `; fwd=${fwd}`;
  if (fwdStatus !== undefined) text += `; fwd-status=${fwdStatus}`;
  if (ttl !== undefined) text += `; ttl=${Math.floor(ttl)}`;
  if (stored) text += '; stored';
  if (collapsed) text += '; collapsed';
  if (detail !== undefined) text += `; detail=${detail}`;
  return text;
}
