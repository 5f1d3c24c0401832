/**
 * Whether a thousand routes cost what ten do. First the route table alone, in this process: nanoseconds for a match, beside
 * find-my-way with the same routes. The table does more for it: hosts, methods that do not match fall through to the next
 * candidate, and headers may decide. Then the gateway with ten and with a thousand routes over HTTP. In both, a thousand
 * different requests take turns, spread over all the routes; and a thousand routes of which ten are asked for, which tells what the
 * table costs from what the figures of a thousand routes cost, when none of them are in the processor's cache.
 */
import { catalogueConfiguration, makeCatalogue, requestsFor } from './support/catalogue.ts';
import { describeMachine } from './support/machine.ts';
import { type Matcher, nanosecondsPerMatch } from './support/matching.ts';
import { Options } from './support/options.ts';
import { startOrigin } from './support/origin.ts';
import { bareConfiguration, startGateway } from './support/postern.ts';
import { printComparison } from './support/report.ts';
import { inRounds, type Subject } from './support/rounds.ts';
import { findMyWayMatcher, posternMatcher } from './support/route-tables.ts';
import { printTable, shown } from './support/table.ts';
import { takingTurns } from './support/turns.ts';
import { inWorkspace } from './support/workspace.ts';

const parts = ['table', 'http'] as const;
const options = new Options('Ten routes beside a thousand, in the table and over HTTP. About one minute.', {
  samples: { default: '200', help: 'of 20 000 matches, for each table' },
  rounds: { default: '7', help: 'rounds over HTTP' },
  seconds: { default: '3', help: 'of load on each in each round' },
  connections: { default: '64', help: 'kept open by the load generator' },
  only: { default: '', help: `of ${parts.join(',')}` },
});
const few = 10;
const many = 1000;
const differentRequests = 1000;
const wanted = options.choice('only', parts);

console.log(describeMachine());
if (wanted.includes('table')) inTheTable();
if (wanted.includes('http')) await overHttp();

function inTheTable(): void {
  const matchers = (count: number): Matcher[] => {
    const catalogue = makeCatalogue(count);
    const requests = requestsFor(catalogue, differentRequests);
    return [posternMatcher(`postern ${count}`, catalogue, requests), findMyWayMatcher(`find-my-way ${count}`, catalogue, requests)];
  };
  const times = nanosecondsPerMatch([...matchers(few), ...matchers(many)], options.count('samples'));
  const time = (name: string): number => times.get(name) ?? Number.NaN;
  const row = (name: string): string[] => {
    const [small, large] = [time(`${name} ${few}`), time(`${name} ${many}`)];
    return [name, shown(small), shown(large), shown(large / small, 2)];
  };
  const ratio = (count: number): string => shown(time(`postern ${count}`) / time(`find-my-way ${count}`), 2);
  console.log('\nThe route table alone, nanoseconds a match');
  printTable(
    ['', `${few} routes`, `${many} routes`, `${many}/${few}`],
    [row('postern'), row('find-my-way'), ['postern/find-my-way', ratio(few), ratio(many), '']],
  );
}

async function overHttp(): Promise<void> {
  await inWorkspace(async (space) => {
    const origin = await startOrigin(space);
    const subjects: Subject[] = [];
    for (const [count, asked] of [
      [few, few],
      [many, few],
      [many, many],
    ] as const) {
      const catalogue = makeCatalogue(count);
      const name = asked === count ? `${count} routes` : `${count} routes, ${asked} asked`;
      const gateway = await startGateway(space, `with-${count}-${asked}`, {
        ...bareConfiguration(origin.url),
        routes: catalogueConfiguration(catalogue, 'origin'),
      });
      const called = requestsFor(
        catalogue.slice(0, asked).filter(({ method }) => method === 'GET'),
        differentRequests,
      );
      const script = space.write(`with-${count}-${asked}.lua`, takingTurns(called));
      subjects.push({ name, url: gateway.url, pid: gateway.pid, script });
    }
    const results = await inRounds(subjects, {
      path: '/',
      rounds: options.count('rounds'),
      seconds: options.count('seconds'),
      connections: options.count('connections'),
      warmSeconds: 8,
    });
    const title = `The gateway, 60 B, ${options.text('connections')} connections`;
    if (printComparison({ title, results, of: `${few} routes`, inverse: true }) > 0) process.exitCode = 1;
  });
}
