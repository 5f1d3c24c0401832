/** What becomes known of exchanges that do not fit a contract: metrics, and at most a line a minute for each kind of fault. */
import type { Clock } from '../clock.ts';
import type { ValidationMode } from '../config/schema/index.ts';
import type { Fault } from '../contract/fault.ts';
import type { Direction } from '../contract/schema.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import type { Logger } from '../telemetry/logger.ts';

/** Why a body was not looked into, or an answer at all. */
export type Unchecked =
  | 'size'
  | 'encoding'
  | 'media-type'
  | 'upgrade'
  | 'partial'
  | 'server-error'
  | 'fallback'
  | 'complexity'
  | 'incomplete'
  | 'no-contract';

export interface Violated {
  readonly route: string;
  readonly service: string;
  /** As the contract names it; undefined where it has none. */
  readonly operation: string | undefined;
  readonly direction: Direction;
  readonly mode: ValidationMode;
}

export interface ContractReports {
  violated(what: Violated, faults: readonly Fault[]): void;
  unchecked(direction: Direction, reason: Unchecked): void;
}

const EVERY = 60_000;
/** Kinds that are told apart; what is beyond is counted in the metrics alone. */
const MOST_KINDS = 1_000;

interface Line {
  /** When the last one was written. */
  writtenAt: number;
  /** Since then. */
  count: number;
}

export interface ContractReportsOptions {
  logger: Logger;
  instruments: Pick<Instruments, 'contractViolations' | 'contractUnchecked'>;
  clock: Clock;
}

export function contractReports({ logger, instruments, clock }: ContractReportsOptions): ContractReports {
  const lines = new Map<string, Line>();
  return {
    violated(what, faults) {
      const { route, service, operation, direction, mode } = what;
      const [first] = faults;
      const kind = first?.in ?? 'body';
      instruments.contractViolations.add(1, { 'gateway.route.id': route, direction, kind });
      const key = `${route} ${operation} ${direction} ${kind}`;
      const now = clock.now();
      const line = lines.get(key) ?? { writtenAt: Number.NEGATIVE_INFINITY, count: 0 };
      if (!lines.has(key) && lines.size === MOST_KINDS) return;
      lines.set(key, line);
      line.count += 1;
      if (now - line.writtenAt < EVERY) return;
      // The rule is the contract's own text; of the exchange itself nothing is told.
      const rule = first?.rule;
      logger.warn({ event: 'contract-violation', route, service, operation, direction, mode, kind, rule, count: line.count });
      line.writtenAt = now;
      line.count = 0;
    },
    unchecked(direction, reason) {
      instruments.contractUnchecked.add(1, { direction, reason });
    },
  };
}
