/** What an instance, an operator or a peer does to the registry, each with the status that Eureka answers. */
import type { InstanceStatus, Registration } from '../registry/instance.ts';
import type { Lease } from '../registry/lease.ts';
import type { Registry } from '../registry/registry.ts';
import { Refused } from './refused.ts';

export interface Heartbeat {
  readonly lastDirtyTimestamp: number | undefined;
  /** Of a peer that knows of one. */
  readonly overriddenStatus: InstanceStatus | undefined;
  readonly replication: boolean;
}

/** @param app of the path, in upper case @throws Refused 400, 413 or 429 */
export function register(registry: Registry, app: string, registration: Registration, replication: boolean): 204 {
  if (app !== registration.app) throw new Refused(400, `Mismatched appName, expecting ${app} but was ${registration.app}`);
  admitted(registry.register(registration, { replication }));
  return 204;
}

/** @throws Refused 413 or 429 */
export function admitted(verdict: 'taken' | 'too-large' | 'full'): void {
  if (verdict === 'too-large') throw new Refused(413, 'The registration is larger than the registry keeps');
  if (verdict === 'full') throw new Refused(429, 'The registry is full');
}

/**
 * 404 makes the instance register (again): it is unknown, or knows itself to be newer. 409 comes with the newer one that the
 * registry has, for a peer.
 */
export function heartbeat(registry: Registry, app: string, id: string, beat: Heartbeat): { status: 200 | 404 | 409; newer?: Lease } {
  const { lastDirtyTimestamp, overriddenStatus, replication } = beat;
  if (!registry.renew(app, id, { replication })) return { status: 404 };
  const lease = registry.find(app, id);
  if (!lease || lastDirtyTimestamp === undefined || lastDirtyTimestamp === lease.instance.lastDirtyTimestamp) return { status: 200 };
  if (lastDirtyTimestamp < lease.instance.lastDirtyTimestamp) return replication ? { status: 409, newer: lease } : { status: 200 };
  if (replication && overriddenStatus !== undefined && overriddenStatus !== 'UNKNOWN') registry.noteOverride(app, id, overriddenStatus);
  return { status: 404 };
}
