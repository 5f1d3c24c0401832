/** What a balancer knows of an endpoint and of a try, and what it is: a choice among endpoints. */
import type { PeakEwma } from '../endpoint/latency.ts';

export interface Candidate {
  /** `host:port`: names it for ever, in every process. */
  readonly id: string;
  /** Its share beside the others now: the configured weight, times how far its slow start has come. More than 0. */
  readonly weight: number;
  /** The configured weight alone. What must not move while an endpoint warms up goes by it. */
  readonly fullWeight: number;
  /** Tries under way. */
  readonly inFlight: number;
  readonly latency: PeakEwma;
}

/** The try that is to be placed. */
export interface Placing {
  /** Milliseconds on the clock of `core/clock.ts`. */
  readonly now: number;
  /** What the service hashes requests on; undefined when it does not, or when this request has none. */
  readonly hashKey: string | undefined;
}

/** Chooses one of the candidates, undefined only when there is none. Balancers may remember; they know nothing of HTTP. */
export type Choose = <T extends Candidate>(candidates: readonly T[], placing: Placing) => T | undefined;

export interface Balancer extends Choose {
  /** What it goes by, for who only looks: nothing changes. */
  readonly compared: Compared;
}

/** What a balancer compares candidates by. */
export interface Compared {
  /** In words: `tries under way for the weight`. */
  readonly what: (placing: Placing) => string;
  /** `one`: the best gets the next try; `two`: the better of two that are drawn does; `lot`: it is drawn, in proportion. */
  readonly chooses: (placing: Placing) => 'one' | 'two' | 'lot';
  readonly better: (placing: Placing) => 'higher' | 'lower';
  /** One for each; undefined of one that may not be chosen now. */
  scores(candidates: readonly Candidate[], placing: Placing): readonly (number | undefined)[];
}
