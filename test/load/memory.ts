/**
 * Whether memory stays flat: the resident memory of the gateway while it answers half a million requests, for the bare
 * and for the whole pipeline. Prints the series, the medians of its two halves, and the growth by least squares over the
 * second half, when the heap has found its size.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { describeMachine } from './support/machine.ts';
import { Options } from './support/options.ts';
import { startOrigin } from './support/origin.ts';
import { pipelineConfiguration, pipelineNames } from './support/pipelines.ts';
import { startGateway } from './support/postern.ts';
import { residentMiB } from './support/resources.ts';
import { median, slope } from './support/statistics.ts';
import { shown } from './support/table.ts';
import { makeUsers, type Users } from './support/users.ts';
import { inWorkspace, type Workspace } from './support/workspace.ts';
import { load } from './support/wrk.ts';

const options = new Options('Resident memory over many requests. About two minutes.', {
  requests: { default: '500000', help: 'for each pipeline' },
  minutes: { default: '10', help: 'at most, for each pipeline' },
  connections: { default: '64', help: 'kept open by the load generator' },
  users: { default: '1000', help: 'who take turns, each with a token' },
  path: { default: '/small', help: 'of /small, /64k, /1m' },
  steps: { default: 'bare,whole', help: `of ${pipelineNames.join(',')}` },
});
const steps = options.choice('steps', pipelineNames);

interface Sample {
  requests: number;
  resident: number;
}

const turnSeconds = 2;

await inWorkspace(async (space) => {
  console.log(describeMachine());
  const origin = await startOrigin(space);
  const users = await makeUsers(space, options.count('users'));
  for (const step of steps) {
    const configuration = pipelineConfiguration(step, origin.url, users);
    const samples = await observe(space, step, configuration, users);
    report(step, samples);
  }
});

async function observe(space: Workspace, name: string, configuration: object, users: Users): Promise<Sample[]> {
  const gateway = await startGateway(space, name, configuration);
  const samples: Sample[] = [{ requests: 0, resident: residentMiB(gateway.pid) }];
  const deadline = Date.now() + options.count('minutes') * 60_000;
  let requests = 0;
  while (requests < options.count('requests') && Date.now() < deadline) {
    const turn = await load({
      url: gateway.url + options.text('path'),
      seconds: turnSeconds,
      connections: options.count('connections'),
      script: users.script,
    });
    if (turn.errors > 0) throw new Error(`${name}: ${turn.errors} of ${turn.requests} requests failed`);
    requests += turn.requests;
    samples.push({ requests, resident: residentMiB(gateway.pid) });
  }
  await pause(5000);
  samples.push({ requests, resident: residentMiB(gateway.pid) });
  await gateway.stop();
  return samples;
}

function report(name: string, samples: readonly Sample[]): void {
  const loaded = samples.slice(1, -1);
  const half = Math.ceil(loaded.length / 2);
  const residents = (part: readonly Sample[]): number[] => part.map(({ resident }) => resident);
  const first = median(residents(loaded.slice(0, half)));
  const second = median(residents(loaded.slice(half)));
  const growth = slope(loaded.slice(half).map(({ requests, resident }) => [requests / 100_000, resident]));
  console.log(`\n${name}: MiB resident, after thousands of requests`);
  console.log(samples.map(({ requests, resident }) => `${shown(resident)}@${shown(requests / 1000)}`).join('  '));
  console.log(
    `first half ${shown(first)} MiB, second half ${shown(second)} MiB, ratio ${shown(second / first, 3)}; ` +
      `second half grows ${shown(growth, 2)} MiB for 100 000 requests; ` +
      `${shown(samples.at(-1)?.resident ?? 0)} MiB five seconds after the last`,
  );
}
