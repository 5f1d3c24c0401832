/** All that was counted in one slice of time. */
import { Figures } from './figures.ts';
import { Heaviest } from './heaviest.ts';

/** Names that are configured, or registered: room for more than anybody has. */
const ROOM = 5_000;

/** Users come as they like. */
const USERS = 1_000;

/** Pairs of who asks and the service that is asked. */
const PAIRS = 10_000;

/** What went from one to one service. */
export interface Flow {
  requests: number;
  errors: number;
}

export class Slice {
  /** Some moment of it, in milliseconds by the clock of the others. */
  readonly at: number;
  readonly total = new Figures();
  readonly routes = new Heaviest(ROOM);
  readonly services = new Heaviest(ROOM);
  /** By `service host:port`. */
  readonly endpoints = new Heaviest(ROOM);
  /** Users, or callers. */
  readonly principals = new Heaviest(USERS);
  /** By who asks, and then by service. */
  readonly traffic = new Map<string, Map<string, Flow>>();
  #pairs = 0;
  /** How many requests at most the figures of any one user lack. */
  #missing = 0;

  constructor(at: number) {
    this.at = at;
  }

  get missing(): number {
    return this.#missing + this.principals.floor;
  }

  flow(from: string, service: string, requests: number, errors: number): void {
    let flows = this.traffic.get(from);
    if (!flows) {
      flows = new Map();
      this.traffic.set(from, flows);
    }
    const flow = flows.get(service);
    if (flow) {
      flow.requests += requests;
      flow.errors += errors;
    } else if (this.#pairs < PAIRS) {
      this.#pairs += 1;
      flows.set(service, { requests, errors });
    }
  }

  /** Takes in another, a name at a step, for a slice that is full of names would hold up a request. */
  *take(other: Slice): Generator<void> {
    this.total.add(other.total);
    this.#missing += other.missing;
    for (const kind of ['routes', 'services', 'endpoints', 'principals'] as const) {
      for (const { name, figures } of other[kind].places) {
        this[kind].of(name).add(figures);
        yield;
      }
    }
    for (const [from, flows] of other.traffic) {
      for (const [service, { requests, errors }] of flows) {
        this.flow(from, service, requests, errors);
        yield;
      }
    }
  }
}
