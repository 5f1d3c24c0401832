/** What is told of a route, a service, an endpoint, a user: how much came, what it came to, how long it took. */
import type { Problem } from '../problem.ts';
import { Latencies, type LatencySum } from './latencies.ts';

/** One request, call or try, once it is over. */
export interface Occurrence {
  /** Of the answer; undefined where there was none. */
  readonly status: number | undefined;
  readonly problem: Problem | undefined;
  /** Bytes of bodies. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Undefined for a tunnel, which lasts as long as it is wanted. */
  readonly milliseconds: number | undefined;
}

/** Failures of the gateway's own that are a no, and not a fault. */
const REFUSALS = new Set<string>(['circuit-open', 'concurrency-limited', 'overloaded']);

type Counts = Map<string, number>;

export class Figures {
  requests = 0;
  /** By the first digit of the status: one by one, for a list takes twice the memory, and there are thousands of these. */
  #none = 0;
  #of1xx = 0;
  #of2xx = 0;
  #of3xx = 0;
  #of4xx = 0;
  #of5xx = 0;
  /** Most have none. */
  #errors: Counts | undefined;
  #refused: Counts | undefined;
  #bytesIn = 0;
  #bytesOut = 0;
  readonly #latencies = new Latencies();

  record({ status, problem, bytesIn, bytesOut, milliseconds }: Occurrence): void {
    this.requests += 1;
    this.#countStatus(status);
    this.#bytesIn += bytesIn;
    this.#bytesOut += bytesOut;
    if (problem === undefined && (status === undefined || status < 500)) {
      if (status !== undefined && milliseconds !== undefined) this.#latencies.record(milliseconds);
      return;
    }
    // Who left was neither refused nor failed, and what is refused is so at once: that says nothing of how long things take.
    if (problem?.code === 'client-closed') return;
    if (problem && isRefusal(problem)) {
      this.#refused = counted(this.#refused, problem.code);
      return;
    }
    this.#errors = counted(this.#errors, problem?.code ?? String(status));
    if (milliseconds !== undefined) this.#latencies.record(milliseconds);
  }

  add(other: Figures): void {
    this.#addCounts(other);
    this.#latencies.add(other.#latencies);
  }

  clear(): void {
    this.requests = 0;
    this.#none = this.#of1xx = this.#of2xx = this.#of3xx = this.#of4xx = this.#of5xx = 0;
    this.#errors = undefined;
    this.#refused = undefined;
    this.#bytesIn = 0;
    this.#bytesOut = 0;
    this.#latencies.clear();
  }

  /** All of these together. @param seconds that they are of @param latencies empty, as it is left */
  static report(parts: readonly Figures[], seconds: number, latencies: LatencySum): FiguresReport {
    const sum = scratch;
    for (const part of parts) {
      sum.#addCounts(part);
      part.#latencies.addTo(latencies);
    }
    const [p50 = null, p90 = null, p99 = null] = latencies.percentiles([50, 90, 99]);
    const { max } = latencies;
    latencies.clear();
    const report = {
      requests: sum.requests,
      rate: rounded(sum.requests / seconds),
      statuses: sum.#statuses(),
      errors: sum.#errors ? Object.fromEntries(sum.#errors) : {},
      refused: sum.#refused ? Object.fromEntries(sum.#refused) : {},
      bytesIn: sum.#bytesIn,
      bytesOut: sum.#bytesOut,
      p50: p50 && rounded(p50),
      p90: p90 && rounded(p90),
      p99: p99 && rounded(p99),
      max: max && rounded(max),
    };
    sum.clear();
    return report;
  }

  #countStatus(status = 0): void {
    if (status < 100) this.#none += 1;
    else if (status < 200) this.#of1xx += 1;
    else if (status < 300) this.#of2xx += 1;
    else if (status < 400) this.#of3xx += 1;
    else if (status < 500) this.#of4xx += 1;
    else this.#of5xx += 1;
  }

  #statuses(): Record<string, number> {
    const counts: Record<string, number> = {};
    if (this.#none > 0) counts['none'] = this.#none;
    if (this.#of1xx > 0) counts['1xx'] = this.#of1xx;
    if (this.#of2xx > 0) counts['2xx'] = this.#of2xx;
    if (this.#of3xx > 0) counts['3xx'] = this.#of3xx;
    if (this.#of4xx > 0) counts['4xx'] = this.#of4xx;
    if (this.#of5xx > 0) counts['5xx'] = this.#of5xx;
    return counts;
  }

  #addCounts(other: Figures): void {
    this.requests += other.requests;
    this.#none += other.#none;
    this.#of1xx += other.#of1xx;
    this.#of2xx += other.#of2xx;
    this.#of3xx += other.#of3xx;
    this.#of4xx += other.#of4xx;
    this.#of5xx += other.#of5xx;
    this.#errors = added(this.#errors, other.#errors);
    this.#refused = added(this.#refused, other.#refused);
    this.#bytesIn += other.#bytesIn;
    this.#bytesOut += other.#bytesOut;
  }
}

/** Sums are made in it, one after the other. */
const scratch = new Figures();

/** Latencies in milliseconds, null where there is none. */
export interface FiguresReport {
  readonly requests: number;
  /** A second. */
  readonly rate: number;
  /** By class, `2xx`; `none` for those that left without an answer. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Failures, by the code of the problem or else by status. */
  readonly errors: Readonly<Record<string, number>>;
  /** Where the gateway said no, by the code of the problem. */
  readonly refused: Readonly<Record<string, number>>;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

function isRefusal({ code, failure }: Problem): boolean {
  return failure.source === 'client' || REFUSALS.has(code);
}

function counted(counts: Counts | undefined, code: string, by = 1): Counts {
  const some = counts ?? new Map<string, number>();
  some.set(code, (some.get(code) ?? 0) + by);
  return some;
}

function added(counts: Counts | undefined, more: Counts | undefined): Counts | undefined {
  let sum = counts;
  if (more) for (const [code, count] of more) sum = counted(sum, code, count);
  return sum;
}

/** To three digits behind the point: a microsecond. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
