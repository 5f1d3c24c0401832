/** What orchestrators ask: is it alive, is it ready for traffic, has it started. */

export interface Health {
  started: boolean;
  draining: boolean;
}

interface Check {
  readonly name: string;
  readonly ok: boolean;
}

type Question = 'livez' | 'readyz' | 'startupz';

/** The answer to one of the three questions, and what it rests on. */
export function ask(question: Question, health: Health): { ok: boolean; checks: readonly Check[] } {
  const checks: Check[] = {
    livez: [{ name: 'event-loop', ok: true }],
    startupz: [{ name: 'listening', ok: health.started }],
    readyz: [
      { name: 'listening', ok: health.started },
      { name: 'not-draining', ok: !health.draining },
    ],
  }[question];
  return { ok: checks.every(({ ok }) => ok), checks };
}

/** Kubernetes' verbose spelling: `[+]name ok`. */
export function verbose(checks: readonly Check[], ok: boolean): string {
  return [...checks.map((check) => `[${check.ok ? '+' : '-'}]${check.name} ${check.ok ? 'ok' : 'failed'}`), ok ? 'ok' : 'failed', ''].join(
    '\n',
  );
}
