/** Both gateways before a service that registers with the private one, and requests that go through them all the time. */
import type { Pressure } from '../../../core/telemetry/pressure.ts';
import { type Given, open } from '../../support/gateways.ts';
import type { Answered } from './small-servers.ts';
import { type Asked, type Outcome, steadyLoad } from './steady-load.ts';

export const APP = 'STOCK';

/** Milliseconds within which all that is awaited happens, though processes start and end on a busy machine. */
export const PATIENCE = 20_000;

/** A configuration of both gateways, the registry on this port. @param refresh of the lists, where changes are not told */
export function givenRegistry(port: number, refresh = '30s'): Given {
  return {
    ...open('', { service: { endpoints: undefined, registry: 'eureka', name: APP, refresh } }),
    registry: { embedded: { port } },
    telemetry: { accessLog: false },
  };
}

/** The clients keep the event loop of the gateways of a test busy, as they never do outside of tests. */
export const calm: Pressure = { level: () => 0, stop() {} };

export const byWhom = (outcomes: readonly Outcome[]): Set<number> =>
  new Set(outcomes.filter(({ status }) => status === 200).map(({ answer }) => (JSON.parse(answer) as Answered).by));

/** Those that failed, or came to something else than they should. */
export const lost = (outcomes: readonly Outcome[]): Outcome[] =>
  outcomes.filter(({ status, answer, method, body = '' }) => {
    if (status !== 200) return true;
    const answered = JSON.parse(answer) as Answered;
    return answered.method !== method || answered.received !== body.length;
  });

export interface Traffic {
  /** What came of each so far, or of those since a number of them. */
  outcomes(since?: number): readonly Outcome[];
  /** Resolves with all when the last has its answer. */
  stop(): Promise<readonly Outcome[]>;
}

/** Requests to these gateways, one after the other on a few connections to each, of these kinds in turn, until it is stopped. */
export function traffic(urls: readonly string[], kinds: readonly Asked[]): Traffic {
  let stopped = false;
  const done: Outcome[] = [];
  const loads = urls.map((url) =>
    steadyLoad(url, {
      inFlight: 4,
      until: () => stopped,
      ask: (nth) => kinds[nth % kinds.length] ?? { method: 'GET' },
      onDone: (_, outcome) => void done.push(outcome),
    }),
  );
  return {
    outcomes: (since = 0) => done.slice(since),
    async stop() {
      stopped = true;
      await Promise.all(loads);
      return done;
    },
  };
}
