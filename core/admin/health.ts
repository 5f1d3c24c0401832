/** What orchestrators ask: is it alive, is it ready for traffic, has it started. */
import type { Discovery } from '../telemetry/levels.ts';

export interface Health {
  started: boolean;
  draining: boolean;
  /** Whether it was ready once: then it is no more unready for endpoints that a later configuration has it look for. */
  settled: boolean;
  /** Whether the registry that the gateway runs says who is there; undefined where it runs none. */
  readonly registryReady?: boolean | undefined;
  /** What is to be told of the configuration in force. */
  readonly configuration?: string | undefined;
  /** What is to be told of the place that is shared with other instances; undefined where none is. */
  readonly state?: string | undefined;
}

interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** More to be told than whether it is so. */
  readonly note?: string;
}

/** Of each service whose endpoints come and go, how they are known. */
export type Discoveries = ReadonlyMap<string, Discovery>;

type Question = 'livez' | 'readyz' | 'startupz';

/** The answer to one of the three questions, and what it rests on. */
export function ask(question: Question, health: Health, discoveries: Discoveries = new Map()): { ok: boolean; checks: readonly Check[] } {
  const checks: Check[] = {
    livez: [{ name: 'event-loop', ok: true }],
    startupz: [{ name: 'listening', ok: health.started }],
    readyz: [
      { name: 'listening', ok: health.started },
      { name: 'not-draining', ok: !health.draining },
      // Whatever became of a later one, that in force serves.
      ...(health.configuration === undefined ? [] : [{ name: 'configuration', ok: true, note: health.configuration }]),
      // Without it each instance counts for itself, and serves.
      ...(health.state === undefined ? [] : [{ name: 'state', ok: true, note: health.state }]),
      ...(health.registryReady === undefined ? [] : [{ name: 'registry-synced', ok: health.registryReady }]),
      ...Array.from(discoveries, ([service, discovery]) => known(service, discovery, health.settled)),
    ],
  }[question];
  return { ok: checks.every(({ ok }) => ok), checks };
}

/** Remembers that it is ready, if it is. To be called before other endpoints are looked for. */
export function settle(health: Health, discoveries: Discoveries): void {
  health.settled ||= ask('readyz', health, discoveries).ok;
}

/**
 * A gateway is ready once every source has answered, or failed (a registry that says it is about to know did neither): what a registry
 * that is down has not told, it will not tell to any other gateway either. And it stays so: all gateways take up a changed
 * configuration at once, and a source in it that hangs is no reason to take them all out.
 */
function known(service: string, { answered, failure, failingFor, asOf, endpoints }: Discovery, settled: boolean): Check {
  const name = `endpoints-of-${service}`;
  const old = asOf === undefined ? '' : ` of ${new Date(asOf).toISOString()}`;
  const kept = answered || old ? `the last known ${endpoints}${old} are kept` : 'none is known';
  if (failure !== undefined) return { name, ok: true, note: `(stale for ${Math.round(failingFor)} s, ${kept}: ${failure})` };
  if (answered) return { name, ok: true, note: `(${endpoints}${old && `, last known${old} some of them`})` };
  return { name, ok: settled, note: old ? `(no answer yet, ${kept})` : '(no answer yet)' };
}

/** Kubernetes' verbose spelling: `[+]name ok`. */
export function verbose(checks: readonly Check[], ok: boolean): string {
  const lines = checks.map(
    (check) => `[${check.ok ? '+' : '-'}]${check.name} ${check.ok ? 'ok' : 'failed'}${check.note ? ` ${check.note}` : ''}`,
  );
  return [...lines, ok ? 'ok' : 'failed', ''].join('\n');
}
