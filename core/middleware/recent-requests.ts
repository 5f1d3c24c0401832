/** The requests that were refused or failed lately: so many, of so many bytes, the newest. None has a body or a secret. */
import type { CacheResult } from '../cache/status.ts';
import type { PartReport } from '../context.ts';
import type { Principal } from '../identity.ts';

export interface RecentRequest {
  /** As in `X-Request-Id`: clients may bring their own, so that several can have the same. */
  readonly id: string;
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
  /** Of the configuration that it was answered under. */
  readonly revision: string;
  readonly method: string;
  /** As asked for, with values of the query left out. */
  readonly target: string;
  readonly host: string;
  readonly scheme: 'http' | 'https';
  /** Flat: name, value. Values that could be secrets are left out. */
  readonly headers: readonly string[];
  /** What was left out, by name: `header authorization`, `query token`. */
  readonly leftOut: readonly string[];
  readonly client: string;
  /** Who held the connection. */
  readonly peer: string;
  /** Undefined where it was refused before that was known. */
  readonly principal: Principal | undefined;
  readonly route: string | undefined;
  readonly service: string | undefined;
  /** As sent; undefined where nobody was there any more. */
  readonly status: number | undefined;
  /** Of the problem; undefined where the service itself answered with a 5xx. */
  readonly code: string | undefined;
  readonly detail: string | undefined;
  readonly cause: string | undefined;
  readonly durationMs: number;
  /** What it waited for another's call for the same answer. */
  readonly waitedMs: number | undefined;
  readonly attempts: readonly RecentAttempt[];
  readonly cache: CacheResult | undefined;
  readonly parts: readonly PartReport[] | undefined;
  /** Undefined where nothing is traced. */
  readonly traceId: string | undefined;
}

export interface RecentAttempt {
  /** Undefined of one that was refused before it was placed. */
  readonly endpoint: string | undefined;
  /** The status, the code of the problem, or `not sent`. */
  readonly outcome: string;
  readonly cause: string | undefined;
  /** Milliseconds from the beginning of the request. */
  readonly startedAtMs: number;
  /** To the first byte of the answer, or to the failure; undefined of one that was not sent. */
  readonly tookMs: number | undefined;
}

export interface RecentFilter {
  readonly route?: string | undefined;
  readonly code?: string | undefined;
  /** A user or a caller, by name. */
  readonly by?: string | undefined;
  readonly limit: number;
}

export interface RecentOptions {
  /** How many at most. */
  readonly most?: number;
  /** Bytes at most, as far as they can be told. */
  readonly memory?: number;
}

const MOST = 1_000;
const MEMORY = 8 * 1024 * 1024;
/** Of one kind, which is a code at a route, and of all kinds in a second: a flood costs little and pushes out nothing of another kind. */
const KIND_EACH_SECOND = 20;
const EACH_SECOND = 200;
/** What a request takes beside its texts. */
const OVERHEAD = 1_024;
const PER_ATTEMPT = 200;

export class RecentRequests {
  readonly #most: number;
  readonly #memory: number;
  /** The oldest first. */
  readonly #kept = new Map<RecentRequest, number>();
  #bytes = 0;
  /** The second that is counted in, and what has come in it, by kind. */
  #second = Number.NaN;
  #taken = 0;
  readonly #kinds = new Map<string, number>();
  #passedOver = 0;

  constructor({ most = MOST, memory = MEMORY }: RecentOptions = {}) {
    this.#most = most;
    this.#memory = memory;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How many were not remembered, for too many of their kind came in the same second. */
  get passedOver(): number {
    return this.#passedOver;
  }

  /**
   * Whether one more of its kind is remembered: to be asked before it is made, which costs more than most refusals do.
   * @param now on the clock, in milliseconds
   */
  takes(route: string | undefined, code: string | number, now: number): boolean {
    const second = Math.floor(now / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#taken = 0;
      this.#kinds.clear();
    }
    const kind = route === undefined ? String(code) : `${code} ${route}`;
    const before = this.#taken < EACH_SECOND ? (this.#kinds.get(kind) ?? 0) : KIND_EACH_SECOND;
    if (before >= KIND_EACH_SECOND) {
      this.#passedOver += 1;
      return false;
    }
    this.#taken += 1;
    this.#kinds.set(kind, before + 1);
    return true;
  }

  /** @param claims characters of the token that the claims of its user came in */
  add(request: RecentRequest, claims = 0): void {
    const size = sizeOf(request) + claims * 4;
    this.#kept.set(request, size);
    this.#bytes += size;
    for (const [oldest, its] of this.#kept) {
      if (this.#kept.size <= this.#most && this.#bytes <= this.#memory) break;
      this.#kept.delete(oldest);
      this.#bytes -= its;
    }
  }

  /** All of an id, the newest first. */
  find(id: string): readonly RecentRequest[] {
    return [...this.#kept.keys()].filter((request) => request.id === id).reverse();
  }

  /** The newest first. */
  list({ route, code, by, limit }: RecentFilter): readonly RecentRequest[] {
    const fits = (request: RecentRequest) =>
      (route === undefined || request.route === route) &&
      (code === undefined || request.code === code || String(request.status) === code) &&
      (by === undefined || nameOf(request.principal) === by);
    return [...this.#kept.keys()].reverse().filter(fits).slice(0, limit);
  }
}

/** Undefined of the anonymous and the unknown. */
export function nameOf(principal: Principal | undefined): string | undefined {
  if (principal?.kind === 'user') return principal.subject;
  return principal?.kind === 'caller' ? principal.name : undefined;
}

/** Text is counted as two bytes a character, the most it can take. */
function sizeOf({ id, target, host, headers, leftOut, detail = '', cause = '', attempts, parts = [] }: RecentRequest): number {
  let characters = id.length + target.length + host.length + detail.length + cause.length;
  for (const text of headers) characters += text.length + 10;
  for (const text of leftOut) characters += text.length + 10;
  for (const attempt of attempts) characters += attempt.cause?.length ?? 0;
  return OVERHEAD + (attempts.length + parts.length) * PER_ATTEMPT + characters * 2;
}
