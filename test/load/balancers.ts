/**
 * What a slow endpoint costs under each balancer: four endpoints, one of them ten times slower, in virtual time and with
 * seeded chance, so that the figures are the same at every run. Each endpoint has workers and a queue before them, requests
 * come at random times and take random time (both exponential). The load is told by how busy the slow endpoint would be with
 * a quarter of the requests; beyond 100 % it could never do them under roundRobin.
 *
 * `/roundRobin` is the 99th percentile beside roundRobin's of the same load. consistentHash has a thousand clients as its keys.
 */
import { balancers } from '../../core/balancer/index.ts';
import type { Random } from '../../core/clock.ts';
import { type BalancerName, balancerNames } from '../../core/config/schema/balancers.ts';
import { PeakEwma } from '../../core/endpoint/latency.ts';
import { seeded } from '../unit/balancer/seeded.ts';
import { Options } from './support/options.ts';
import { printTable, shown } from './support/table.ts';

const options = new Options('Each balancer with one slow endpoint in four, simulated. Seconds.', {
  requests: { default: '100000', help: 'for each balancer at each load' },
  seed: { default: '1', help: 'of chance' },
  slower: { default: '10', help: 'times that the slow endpoint takes longer' },
});

/** Milliseconds of work that a request is, on average. */
const WORK = 10;
const WORKERS = 16;
const CLIENTS = 1000;

class SimulatedEndpoint {
  readonly id: string;
  readonly work: number;
  readonly weight = 1;
  readonly fullWeight = 1;
  readonly latency = new PeakEwma();
  inFlight = 0;
  served = 0;
  /** When each worker is done with what it has. */
  readonly #free = new Array<number>(WORKERS).fill(0);

  constructor(id: string, work: number) {
    this.id = id;
    this.work = work;
  }

  /** When a request that comes at `now` is answered. */
  accept(now: number, chance: Random): number {
    const worker = this.#free.indexOf(Math.min(...this.#free));
    const answered = Math.max(now, this.#free[worker] ?? 0) + exponential(this.work, chance);
    this.#free[worker] = answered;
    this.inFlight += 1;
    this.served += 1;
    return answered;
  }

  answer(rtt: number, now: number): void {
    this.inFlight -= 1;
    this.latency.observe(rtt, now);
  }
}

interface Underway {
  readonly endpoint: SimulatedEndpoint;
  readonly since: number;
  readonly until: number;
}

interface Outcome {
  readonly slowShare: number;
  readonly p50: number;
  readonly p99: number;
}

for (const busy of [0.3, 0.6, 0.9]) {
  const outcomes = balancerNames.map((name) => ({ name, ...simulate(name, busy) }));
  const roundRobin = outcomes.find(({ name }) => name === 'roundRobin')?.p99 ?? Number.NaN;
  console.log(`\nThe slow endpoint ${shown(busy * 100)} % busy with a quarter of the requests`);
  printTable(
    ['', 'to the slow one', 'p50 ms', 'p99 ms', '/roundRobin'],
    outcomes.map(({ name, slowShare, p50, p99 }) => [
      name,
      `${shown(slowShare * 100, 1)} %`,
      shown(p50, 1),
      shown(p99, 1),
      shown(p99 / roundRobin, 2),
    ]),
  );
}

function simulate(name: BalancerName, busy: number): Outcome {
  // Chance of their own: what comes and when is the same for every balancer.
  const [arrivals, work, draws] = [1, 2, 3].map((stream) => seeded(options.count('seed') * 1000 + stream)) as [Random, Random, Random];
  const slow = new SimulatedEndpoint('10.0.0.4:8080', WORK * options.count('slower'));
  const endpoints = [1, 2, 3].map((host) => new SimulatedEndpoint(`10.0.0.${host}:8080`, WORK)).concat(slow);
  const between = slow.work / (WORKERS * busy * endpoints.length);
  const choose = balancers[name](draws);
  const underway: Underway[] = [];
  const times: number[] = [];
  let now = 0;
  for (let request = 0; request < options.count('requests'); request += 1) {
    now += exponential(between, arrivals);
    for (let next = underway.at(-1); next && next.until <= now; next = underway.at(-1)) {
      next.endpoint.answer(next.until - next.since, next.until);
      underway.pop();
    }
    const endpoint = choose(endpoints, { now, hashKey: `client-${Math.floor(arrivals() * CLIENTS)}` });
    if (!endpoint) throw new Error(`${name} chose nobody`);
    const until = endpoint.accept(now, work);
    times.push(until - now);
    insert(underway, { endpoint, since: now, until });
  }
  times.sort((one, other) => one - other);
  const percentile = (part: number): number => times[Math.floor(part * times.length)] ?? Number.NaN;
  return { slowShare: slow.served / times.length, p50: percentile(0.5), p99: percentile(0.99) };
}

/** Keeps what ends first at the end. */
function insert(underway: Underway[], one: Underway): void {
  const after = underway.findLastIndex(({ until }) => until >= one.until);
  underway.splice(after + 1, 0, one);
}

function exponential(mean: number, chance: Random): number {
  return -mean * Math.log(1 - chance());
}
