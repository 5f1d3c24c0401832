/**
 * Whether the adaptive limit finds the right one: simulated services in virtual time, to which twice as many requests come as
 * they can serve. The ideal is the smallest fixed limit with which a service serves 99 % of the most that it serves with any:
 * a lower one wastes its capacity, a higher one makes requests wait in it, or slows it down. The limit settled at is the
 * median of the last third of the time. The original Gradient2 runs beside it. Fails when ours is off by more than a fifth.
 */
import { GradientLimit } from '../../core/upstream/gradient.ts';
import { Options } from './support/options.ts';
import { PlainGradient } from './support/plain-gradient.ts';
import { type Outcome, type SimulatedLimit, type SimulatedService, simulate } from './support/simulated-service.ts';
import { median } from './support/statistics.ts';
import { printTable, shown } from './support/table.ts';

const options = new Options('The adaptive limit beside the ideal one, in virtual time. About fifteen seconds.', {
  minutes: { default: '5', help: 'of virtual time, for each service' },
  seed: { default: '7', help: 'of chance' },
});
const duration = options.count('minutes') * 60_000;
const seed = options.count('seed');
const tolerated = 0.2;
/** Of ours and of the original. */
const bounds = { min: 20, max: 1000 };

/** What each can work on at once, and the milliseconds of one request. */
const [places, time] = [100, 50];
const fixed = (servers: number): SimulatedService => ({ capacity: servers / time, servers: () => servers, time: () => time });

interface Shape {
  name: string;
  service: SimulatedService;
  /** What it is in the last third, by which the ideal is found, when it does not stay as it was. */
  afterwards?: SimulatedService;
}

const shapes: readonly Shape[] = [
  { name: 'fixed time', service: fixed(places) },
  { name: 'exponential time', service: { ...fixed(places), time: (chance) => -time * Math.log(1 - chance()) } },
  {
    name: 'log-normal time',
    service: {
      ...fixed(places),
      // A sigma of 1: the slowest hundredth takes ten times the median.
      time: (chance) => time * Math.exp(Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance()) - 0.5),
    },
  },
  {
    name: 'contention',
    service: {
      ...fixed(places),
      servers: () => Number.POSITIVE_INFINITY,
      // At twice the knee a request takes four times as long, so half as many are served.
      time: (chance, inFlight) => time * (0.5 + chance()) * (1 + 3 * Math.max(0, inFlight / places - 1)),
    },
  },
  {
    name: 'fixed time, capacity halved midway',
    service: { ...fixed(places), servers: (now) => (now < duration / 2 ? places : places / 2) },
    afterwards: fixed(places / 2),
  },
];

const run = (service: SimulatedService, limit: SimulatedLimit): Outcome => simulate(service, limit, { load: 2, duration, seed });

const rows = shapes.map(({ name, service, afterwards = service }) => {
  const { ideal, peak } = findIdeal(afterwards);
  const ours = run(service, new GradientLimit(bounds));
  const original = run(service, new PlainGradient(bounds));
  const settled = median(lastThird(ours.limits));
  if (Math.abs(settled / ideal - 1) > tolerated) process.exitCode = 1;
  return [
    name,
    shown(ideal),
    shown(settled),
    shown(settled / ideal, 2),
    shown(ours.goodput / peak, 2),
    shown(original.limits.at(-1) ?? Number.NaN),
    shown(original.goodput / peak, 2),
  ];
});
console.log(`Twice the capacity for ${shown(duration / 60_000)} minutes of virtual time\n`);
printTable(['service', 'ideal', 'settled at', 'of ideal', 'goodput/peak', 'Gradient2 ends at', 'its goodput/peak'], rows);

/** Every fixed limit around what the service can work on, in steps of a fiftieth. */
function findIdeal(service: SimulatedService): { ideal: number; peak: number } {
  const about = service.capacity * time;
  const results = Array.from({ length: 36 }, (_, step) => {
    const limit = Math.round(about * (0.7 + step / 50));
    return { limit, goodput: simulate(service, { current: () => limit }, { load: 2, duration: 60_000, seed }).goodput };
  });
  const peak = Math.max(...results.map(({ goodput }) => goodput));
  return { ideal: results.find(({ goodput }) => goodput >= 0.99 * peak)?.limit ?? Number.NaN, peak };
}

function lastThird(values: readonly number[]): number[] {
  return values.slice(Math.floor((values.length * 2) / 3));
}
