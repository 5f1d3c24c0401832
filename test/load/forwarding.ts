/**
 * Bare forwarding: Postern's public gateway with one anonymous route beside nginx, HAProxy, Caddy and
 * @fastify/http-proxy, one core each, in front of the same origin, for the same requests.
 *
 *   requests/s     median over the rounds           postern/        median of the rounds' ratios Postern to this one
 *   core           of the one core it has           req/cpu-s       requests for each second of its processor time
 *   RSS            resident memory, the largest
 *
 * The row `direct` is the origin without a proxy: what the load generator and the origin can do on the core they share.
 */
import { describeMachine } from './support/machine.ts';
import { Options } from './support/options.ts';
import { type Size, sizes, startOrigin } from './support/origin.ts';
import { type StartProxy, startCaddy, startFastify, startHaproxy, startNginx } from './support/peers.ts';
import { startPostern } from './support/postern.ts';
import { printComparison } from './support/report.ts';
import { inRounds, type Subject } from './support/rounds.ts';
import { inWorkspace } from './support/workspace.ts';

const proxies = {
  postern: startPostern,
  nginx: startNginx,
  haproxy: startHaproxy,
  caddy: startCaddy,
  fastify: startFastify,
} satisfies Record<string, StartProxy>;

type ProxyName = keyof typeof proxies;
const proxyNames: readonly ProxyName[] = ['postern', 'nginx', 'haproxy', 'caddy', 'fastify'];
const sizeNames: readonly Size[] = ['small', '64k', '1m'];

const options = new Options('Bare forwarding beside other proxies. Prints ratios of one run; about ten minutes.', {
  rounds: { default: '5', help: 'rounds for each size' },
  seconds: { default: '3', help: 'of load on each proxy in each round' },
  warm: { default: '20', help: 'seconds of load on each proxy before its first round, for compilation and connections' },
  connections: { default: '64', help: 'kept open by the load generator' },
  only: { default: '', help: `of ${proxyNames.join(',')}` },
  sizes: { default: '', help: `of ${sizeNames.join(',')}` },
});
const wantedProxies = options.choice('only', proxyNames);
const wantedSizes = options.choice('sizes', sizeNames);

await inWorkspace(async (space) => {
  console.log(describeMachine());
  const origin = await startOrigin(space);
  const subjects: Subject[] = [];
  for (const name of wantedProxies) {
    subjects.push({ name, ...(await proxies[name](space, origin.url)) });
  }
  subjects.push({ name: 'direct', url: origin.url, pid: origin.pid });

  for (const size of wantedSizes) {
    const results = await inRounds(subjects, {
      path: `/${size}`,
      rounds: options.count('rounds'),
      seconds: options.count('seconds'),
      connections: options.count('connections'),
      warmSeconds: options.count('warm'),
    });
    const title = `${sizes[size]}, ${options.text('connections')} connections`;
    if (printComparison({ title, results, of: 'postern' }) > 0) process.exitCode = 1;
  }
});
