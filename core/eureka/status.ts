/** How the registry itself is, and what Eureka has and this does not: groups of Amazon's. */
import { availableParallelism } from 'node:os';
import type Router from '@koa/router';
import type { Clock } from '../clock.ts';
import type { Lease } from '../registry/lease.ts';
import type { Registry } from '../registry/registry.ts';
import { version } from '../version.ts';
import { send } from './answers.ts';
import { upper } from './reading.ts';
import { Refused } from './refused.ts';

export interface StatusParts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly strict: boolean;
  readonly standing: { readonly ready: boolean };
  /** How it goes with the registries that are told what happens in this one. */
  peers(): readonly object[];
}

export function statusRoutes(router: Router, { registry, clock, strict, standing, peers }: StatusParts): void {
  router.get('/status', (ctx) => {
    const { lastMinute, threshold, evicting } = registry.renewals;
    send(ctx, {
      'com.netflix.eureka.util.StatusInfo': {
        generalStats: { 'server-uptime': uptime(), 'num-of-cpus': String(availableParallelism()) },
        applicationStats: {
          'registered-instances': String(registry.size),
          'renews-last-min': String(lastMinute),
          'renews-threshold': String(threshold),
          'lease-expiration-enabled': String(evicting),
        },
      },
    });
  });

  // What the page for people has above its table; times in milliseconds since 1970, but for the uptime, which is in seconds.
  router.get('/summary', (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.body = {
      postern: version,
      now: Math.round(clock.epoch()),
      uptime: Math.round(process.uptime()),
      strict,
      version: registry.version,
      instances: registry.size,
      renewals: registry.renewals,
      ready: standing.ready,
      peers: peers(),
    };
  });

  // The times of heartbeats, which are no changes that the events would tell.
  router.get('/leases/:app', (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { now: Math.round(clock.epoch()), leases: registry.leasesOf(upper(ctx.params['app'])).map(expiry) };
  });

  router.get('/serverinfo/statusoverrides', (ctx) => {
    ctx.body = Object.fromEntries(
      registry.leases().flatMap(({ override, instance }) => (override === undefined ? [] : [[instance.id, override]])),
    );
  });

  router.put('/asg/:name/status', () => {
    throw new Refused(400, 'There are no auto scaling groups here');
  });
}

/** Of an instance, when its lease runs out unless a heartbeat comes, in milliseconds since 1970. */
function expiry({ instance, renewedAt }: Lease): [id: string, at: number] {
  return [instance.id, Math.round(renewedAt + instance.leaseDuration * 1000)];
}

/** Days, hours and minutes, as Eureka has it: `00:01`. */
function uptime(): string {
  const minutes = Math.floor(process.uptime() / 60);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
