/** How the registry itself is, and what Eureka has and this does not: groups of Amazon's. */
import type Router from '@koa/router';
import type { Registry } from '../registry/registry.ts';
import { send } from './answers.ts';
import { Refused } from './refused.ts';

export function statusRoutes(router: Router, registry: Registry): void {
  router.get('/status', (ctx) => {
    const { lastMinute, threshold, evicting } = registry.renewals;
    send(ctx, {
      'com.netflix.eureka.util.StatusInfo': {
        generalStats: { 'server-uptime': uptime(), 'num-of-cpus': '1' },
        applicationStats: {
          'registered-instances': String(registry.size),
          'renews-last-min': String(lastMinute),
          'renews-threshold': String(threshold),
          'lease-expiration-enabled': String(evicting),
        },
      },
    });
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

/** Days, hours and minutes, as Eureka has it: `00:01`. */
function uptime(): string {
  const minutes = Math.floor(process.uptime() / 60);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
