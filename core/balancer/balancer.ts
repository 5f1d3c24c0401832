/** What a balancer knows of an endpoint, and what it is: a choice among some. */
export interface Candidate {
  readonly weight: number;
  readonly inFlight: number;
}

/** Chooses one of the candidates, undefined only when there is none. Balancers may remember; they know nothing of HTTP. */
export type Balancer = <T extends Candidate>(candidates: readonly T[]) => T | undefined;
