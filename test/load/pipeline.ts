/**
 * What the public pipeline costs: everything on (a verified RS256 token, a limit per user, metrics, one trace in ten and the log sent by OTLP,
 * the access log written to a file) beside bare forwarding by the same gateway, for the same requests: the bare gateway is
 * sent the same tokens and does not look at them.
 *
 * `/bare` is the share of bare's request rate that is left. With --steps all, each step is measured alone as well.
 */
import { readFileSync } from 'node:fs';
import { describeMachine } from './support/machine.ts';
import { Options } from './support/options.ts';
import { startOrigin } from './support/origin.ts';
import { pipelineConfiguration, pipelineNames } from './support/pipelines.ts';
import { type Gateway, startGateway } from './support/postern.ts';
import { printComparison } from './support/report.ts';
import { inRounds, type Subject } from './support/rounds.ts';
import { makeUsers } from './support/users.ts';
import { inWorkspace } from './support/workspace.ts';

const options = new Options('The whole public pipeline beside bare forwarding. About one minute; two with every step.', {
  rounds: { default: '7', help: 'rounds' },
  seconds: { default: '3', help: 'of load on each in each round' },
  warm: { default: '20', help: 'seconds of load on each before its first round, for compilation and connections' },
  connections: { default: '64', help: 'kept open by the load generator' },
  users: { default: '100', help: 'who take turns, each with a token' },
  steps: { default: 'bare,whole', help: `of ${pipelineNames.join(',')}, or all` },
});
const steps = options.text('steps') === 'all' ? [...pipelineNames] : options.choice('steps', pipelineNames);

await inWorkspace(async (space) => {
  console.log(describeMachine());
  const origin = await startOrigin(space);
  const users = await makeUsers(space, options.count('users'));
  const gateways = new Map<string, Gateway>();
  const subjects: Subject[] = [];
  for (const step of steps) {
    const gateway = await startGateway(space, step, pipelineConfiguration(step, origin.url, users));
    gateways.set(step, gateway);
    subjects.push({ name: step, url: gateway.url, pid: gateway.pid, script: users.script });
  }

  const results = await inRounds(subjects, {
    path: '/small',
    rounds: options.count('rounds'),
    seconds: options.count('seconds'),
    connections: options.count('connections'),
    warmSeconds: options.count('warm'),
  });
  const title = `60 B, ${options.text('connections')} connections, ${users.count} users`;
  if (printComparison({ title, results, of: 'bare', inverse: true }) > 0) process.exitCode = 1;

  // That the work was done: a pipeline which forgot its log or its traces would be fast.
  console.log();
  for (const [name, gateway] of gateways) {
    console.log(`${name}: ${lines(gateway.log)} lines of log`);
  }
  console.log(`telemetry received, batches by path: ${JSON.stringify(origin.telemetry())}`);
});

function lines(file: string): number {
  return readFileSync(file).reduce((count, byte) => count + (byte === 10 ? 1 : 0), 0);
}
