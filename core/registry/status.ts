/** Which status an instance has: its own, an operator's override, or the one it had. */
import type { InstanceStatus } from './instance.ts';

export interface StatusClaim {
  /** What the instance says. */
  readonly claimed: InstanceStatus;
  /** What an operator said, and did not take back. */
  readonly override: InstanceStatus | undefined;
  /** Of the lease that there is already. */
  readonly existing: InstanceStatus | undefined;
  /** Whether a peer says so, and not the instance. */
  readonly replication: boolean;
}

/**
 * Eureka's rules, the first that fits (DownOrStartingRule, OverrideExistsRule, LeaseExistsRule, AlwaysMatchInstanceStatusRule):
 * an instance that is not ready is believed; an override stands; who is in or out of traffic stays so; the instance's own.
 */
export function resultingStatus({ claimed, override, existing, replication }: StatusClaim): InstanceStatus {
  if (claimed !== 'UP' && claimed !== 'OUT_OF_SERVICE') return claimed;
  if (override !== undefined) return override;
  if (!replication && (existing === 'UP' || existing === 'OUT_OF_SERVICE')) return existing;
  return claimed;
}
