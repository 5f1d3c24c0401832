/**
 * The rolling statistics under a million users and more: what they take of memory, how right the ten busiest users are, what a
 * request costs and what a report does. Time is virtual: five minutes of requests of users by Zipf's law, of strangers who come
 * once each, on a thousand routes, each with a service and an endpoint of its own. Wanted: 100 MB, 1 %, a microsecond.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Window, windows } from '../../core/telemetry/rolling-slices.ts';
import { createStatistics, endpointKey } from '../../core/telemetry/statistics.ts';
import { describeMachine } from './support/machine.ts';
import { Options } from './support/options.ts';
import { median } from './support/statistics.ts';
import { printTable, shown } from './support/table.ts';

const options = new Options('The cost of rolling statistics. Half a minute.', {
  users: { default: '1000000', help: 'of whom some come often: the n-th a n-th as often as the first' },
  strangers: { default: '30', help: 'percent of the requests, each of a user who never comes again' },
  rate: { default: '15000', help: 'requests a second' },
  seconds: { default: '310', help: 'of virtual time' },
  routes: { default: '1000', help: 'each with a service and an endpoint' },
});
const [users, rate, seconds, routes] = [options.count('users'), options.count('rate'), options.count('seconds'), options.count('routes')];
const strangers = Number(options.text('strangers')) / 100;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heapMiB = (): number => {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1024 ** 2;
};

/** Microseconds of processor time of this thread: others on the machine count for nothing, nor does the collector's help. */
const busy = (): number => {
  const { user, system } = process.threadCpuUsage();
  return user + system;
};

/** How many come up to the n-th. */
const cumulative = new Float64Array(users);
for (let nth = 0, sum = 0; nth < users; nth += 1) {
  sum += 1 / (nth + 1);
  cumulative[nth] = sum;
}
function someUser(): number {
  const drawn = Math.random() * (cumulative[users - 1] ?? 0);
  let [from, to] = [0, users - 1];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((cumulative[middle] ?? 0) < drawn) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Who came, one after the other; a stranger is none of the users. */
const came = new Uint32Array(rate * seconds);
const seen = new Uint8Array(users);
let distinct = 0;
for (let at = 0; at < came.length; at += 1) {
  const stranger = Math.random() < strangers;
  const user = stranger ? users + at : someUser();
  came[at] = user;
  if (stranger || !seen[user]) distinct += 1;
  if (!stranger) seen[user] = 1;
}
const timeOf = (at: number): number => (at * 1_000) / rate;

const names = Array.from({ length: routes }, (_, nth) => `route-${nth}`);
const keys = names.map((name, nth) => endpointKey(name, `10.0.${nth >> 8}.${nth & 255}:8080`));
const empty = heapMiB();
const statistics = createStatistics('users', 0);

/** What is timed is made before: a gateway has it as well. */
const BATCH = 5_000;
const costs: number[] = [];
let largest = 0;
for (let begin = 0; begin < came.length; begin += BATCH) {
  const batch = Array.from(came.subarray(begin, begin + BATCH), (user, nth) => {
    const route = Math.floor(Math.random() ** 3 * routes);
    return {
      at: timeOf(begin + nth),
      route: names[route] ?? '',
      key: keys[route] ?? '',
      principal: `user-${user}`,
      status: Math.random() < 0.99 ? 200 : 503,
      milliseconds: Math.exp(Math.random() * 4),
    };
  });
  const startedAt = busy();
  for (const { at, route, key, principal, status, milliseconds } of batch) {
    const occurrence = { status, problem: undefined, bytesIn: 0, bytesOut: 1_000, milliseconds };
    statistics.attempt(key, occurrence, at);
    statistics.call(route, 'users', occurrence, status >= 500, at);
    statistics.request({ ...occurrence, route, principal }, at);
  }
  costs.push((busy() - startedAt) / batch.length);
  if (begin % (BATCH * 100) === 0) largest = Math.max(largest, heapMiB() - empty);
}

const now = timeOf(came.length - 1);
largest = Math.max(largest, heapMiB() - empty);
console.log(`${describeMachine()}\n`);
console.log(`${shown(came.length)} requests of ${shown(distinct)} users, ${shown(rate)} a second, on ${shown(routes)} routes`);
console.log(`memory: ${shown(largest)} MiB at most`);
const rising = costs.toSorted((one, other) => one - other);
const tenths = (part: number): string => shown(rising[Math.floor((rising.length - 1) * part)] ?? Number.NaN, 2);
console.log(
  `a request, with its call and its try: ${tenths(0.5)} µs (median of batches; a tenth took less than ${tenths(0.1)}, a tenth more than ${tenths(0.9)})\n`,
);

printTable(
  ['window', 'top ten in order', 'largest error', 'may lack', 'a report, top 20', 'as JSON'],
  (Object.keys(windows) as Window[]).map((window) => {
    const took: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const startedAt = busy();
      statistics.report(window, 20, now);
      took.push((busy() - startedAt) / 1_000);
    }
    const report = statistics.report(window, 20, now);
    const told = 'users' in report ? report.users.slice(0, 10) : [];
    const right = exactly(window);
    const errors = right.map(
      ({ name, requests }) => Math.abs((told.find((one) => one.name === name)?.requests ?? 0) - requests) / requests,
    );
    const places = right.filter(({ name }, nth) => told[nth]?.name === name).length;
    const lack = 'usersLack' in report ? report.usersLack : 0;
    const startedAt = busy();
    const { length } = JSON.stringify(report);
    const written = `${shown(length / 1024)} KiB in ${shown((busy() - startedAt) / 1_000, 1)} ms`;
    return [window, `${places} of 10`, `${shown(Math.max(...errors) * 100, 3)} %`, shown(lack), `${shown(median(took), 1)} ms`, written];
  }),
);

/** The ten users who came most in a window, counted one by one. */
function exactly(window: Window): { name: string; requests: number }[] {
  const { width, slices } = windows[window];
  const from = (Math.floor(now / width) - slices + 1) * width;
  const counts = new Uint32Array(users);
  for (let at = came.length - 1; at >= 0 && timeOf(at) >= from; at -= 1) {
    const user = came[at] ?? 0;
    if (user < users) counts[user] = (counts[user] ?? 0) + 1;
  }
  return Array.from(counts.subarray(0, 1_000), (requests, user) => ({ name: `user-${user}`, requests }))
    .toSorted((one, other) => other.requests - one.requests)
    .slice(0, 10);
}
