/** What the step that runs filters costs by itself: no socket, and a service that answers at once. */
import type { Bound } from '../../../core/filter/chain.ts';
import { chainOf } from '../../../core/filter/chain.ts';
import { filters } from '../../../core/filter/filters.ts';
import { createLog } from '../../../core/telemetry/logger.ts';
import { startTelemetry } from '../../../core/telemetry/sdk.ts';
import { anAnswer, anExchange, callOptions } from '../../unit/filter/an-exchange.ts';

const user = (stage: Bound['stage'], run: (Bound & { foreign: true })['run']): Bound => ({
  name: 'user',
  stage,
  order: 0,
  foreign: true,
  run,
});
const setsHeader = user('post', ({ response }) => response.headers.set('x-one', 'a'));

const subjects: Readonly<Record<string, readonly Bound[]>> = {
  none: [],
  'a header filter': [
    { name: 'setResponseHeader', stage: 'post', order: 0, foreign: false, run: ({ response }) => response.headers.set('x-one', 'a') },
  ],
  "a user's filter": [setsHeader],
  'one that waits': [user('pre', async ({ request }) => request.headers.set('x-one', 'a'))],
  'one around the call': [user('route', async ({ next }) => void (await next()))],
  'ten of a user': Array.from({ length: 10 }, () => setsHeader),
};

const fields = ['content-type', 'application/json', 'content-length', '60', 'etag', '"a"', 'date', 'Thu, 26 Nov 2026 12:00:00 GMT'];

/** @returns microseconds a request, one value a round, taken by turns */
export async function filterTurns(rounds: number, requests: number): Promise<Map<string, number[]>> {
  const telemetry = startTelemetry('public-gateway', 'benchmark', { sampling: 1, accessLog: false }, { level: () => 0 });
  const log = createLog('public-gateway', () => {}, 2);
  const steps = Object.entries(subjects).map(([name, list]) => {
    const chain = chainOf(list);
    const settings = { timeout: 5_000, slow: 100, off: [] };
    const { instruments } = telemetry;
    return {
      name,
      step: filters({
        chainOf: () => chain,
        call: callOptions(),
        settings,
        debug: [],
        tellsInternals: false,
        logger: log.logger,
        instruments,
      }),
    };
  });
  const results = new Map<string, number[]>(steps.map(({ name }) => [name, []]));
  const { ctx } = anExchange();
  for (let round = -1; round < rounds; round += 1)
    for (const { name, step } of steps) {
      const since = performance.now();
      for (let request = 0; request < requests; request += 1) await step(ctx, async () => anAnswer(200, [...fields]));
      if (round >= 0) results.get(name)?.push(((performance.now() - since) / requests) * 1000);
    }
  await telemetry.shutdown();
  await log.close();
  return results;
}
