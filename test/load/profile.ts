/**
 * Where the time goes: the gateway under full load with Node's sampling profiler, and the functions and packages with the
 * most processor time of their own. The profiler slows the gateway down a little, so the request rate is not printed.
 */
import { join } from 'node:path';
import { describeMachine } from './support/machine.ts';
import { Options } from './support/options.ts';
import { type Size, sizes, startOrigin } from './support/origin.ts';
import { pipelineConfiguration, pipelineNames } from './support/pipelines.ts';
import { startGateway } from './support/postern.ts';
import { largest, readProfile } from './support/profiles.ts';
import { printTable, shown } from './support/table.ts';
import { makeUsers } from './support/users.ts';
import { inWorkspace } from './support/workspace.ts';
import { load } from './support/wrk.ts';

const sizeNames: readonly Size[] = ['small', '64k', '1m'];
const options = new Options('The functions that cost most, by the sampling profiler. Half a minute.', {
  seconds: { default: '6', help: 'of load that are profiled, after warming up' },
  connections: { default: '64', help: 'kept open by the load generator' },
  functions: { default: '40', help: 'to print' },
  users: { default: '100', help: 'who take turns, each with a token' },
  sizes: { default: 'small', help: `of ${sizeNames.join(',')}` },
  steps: { default: 'bare,whole', help: `of ${pipelineNames.join(',')}` },
});
const wantedSizes = options.choice('sizes', sizeNames);
const steps = options.choice('steps', pipelineNames);
const warmSeconds = 3;

await inWorkspace(async (space) => {
  console.log(describeMachine());
  const origin = await startOrigin(space);
  const users = await makeUsers(space, options.count('users'));
  for (const step of steps) {
    for (const size of wantedSizes) {
      const directory = join(space.directory, `profile-${step}-${size}`);
      const configuration = pipelineConfiguration(step, origin.url, users);
      const startedAt = performance.now();
      const gateway = await startGateway(space, step, configuration, ['--cpu-prof', `--cpu-prof-dir=${directory}`]);
      const target = { url: `${gateway.url}/${size}`, connections: options.count('connections'), script: users.script };
      await load({ ...target, seconds: warmSeconds });
      const warmAfter = (performance.now() - startedAt) / 1000;
      await load({ ...target, seconds: options.count('seconds') });
      await gateway.stop();
      print(`${step}, ${sizes[size]}`, directory, warmAfter);
    }
  }
});

function print(title: string, directory: string, warmAfter: number): void {
  const { byFunction, byPlace, total } = readProfile(directory, warmAfter);
  const percent = ([name, share]: [string, number]): string[] => [name, `${shown(share * 100, 1)}%`];
  console.log(`\n${title}`);
  printTable(['by package or directory', ''], largest(byPlace, total, 16).map(percent));
  console.log();
  printTable(['by function', ''], largest(byFunction, total, options.count('functions')).map(percent));
}
