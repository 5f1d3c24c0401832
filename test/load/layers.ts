/**
 * The price of the layers: what retry with its budget, the circuit breaker, the concurrency limit and the balancer add to a
 * call, beside a call by the remaining layers alone. Both calls end at a transport that answers at once, and take turns in
 * one process; the difference is set against the processor time of a whole request through the bare gateway, measured in
 * the same run. Wanted is less than 5 %.
 */
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { systemClock } from '../../core/clock.ts';
import { parseConfig } from '../../core/config/load.ts';
import { Endpoint } from '../../core/endpoint/endpoint.ts';
import { createSources } from '../../core/registry/sources.ts';
import { createLog } from '../../core/telemetry/logger.ts';
import { startTelemetry } from '../../core/telemetry/sdk.ts';
import { createStatistics } from '../../core/telemetry/statistics.ts';
import { attemptTelemetry } from '../../core/upstream/attempt-telemetry.ts';
import { deadline } from '../../core/upstream/deadline.ts';
import { Attempt, type Exchange } from '../../core/upstream/exchange.ts';
import { compose, type Next } from '../../core/upstream/layer.ts';
import { reconnect } from '../../core/upstream/reconnect.ts';
import { UpstreamResponse } from '../../core/upstream/response.ts';
import { createService } from '../../core/upstream/service.ts';
import { timeout } from '../../core/upstream/timeout.ts';
import { anExchange } from '../unit/upstream/an-exchange.ts';
import { describeMachine } from './support/machine.ts';
import { Options } from './support/options.ts';
import { startOrigin } from './support/origin.ts';
import { bareConfiguration, startPostern } from './support/postern.ts';
import { cpuSeconds } from './support/resources.ts';
import { median } from './support/statistics.ts';
import { printTable, shown } from './support/table.ts';
import { inWorkspace } from './support/workspace.ts';
import { load } from './support/wrk.ts';

const options = new Options('What the layers of a call cost. About one minute.', {
  rounds: { default: '15', help: 'rounds' },
  calls: { default: '100000', help: 'calls by each in each round' },
  warm: { default: '20', help: 'seconds of load on the gateway before it is measured' },
});

const telemetry = startTelemetry('public-gateway', 'benchmark', { sampling: 1, accessLog: false }, { level: () => 0 });
const { tracer, instruments } = telemetry;
const recorder = createStatistics('users', systemClock.now());
const endpointUrls = ['http://127.0.0.1:4001', 'http://127.0.0.1:4002', 'http://127.0.0.1:4003'];

const answer = (): Promise<UpstreamResponse> => {
  const response = new UpstreamResponse(200, '', [], { pause() {}, resume() {}, abort() {} });
  response.complete([]);
  return Promise.resolve(response);
};

/** All layers, as a service has them. */
function wholeService(): (exchange: Exchange) => Promise<unknown> {
  const configuration = bareConfiguration('http://127.0.0.1:4001') as { services: { origin: object } };
  configuration.services.origin = { endpoints: endpointUrls };
  const { config } = parseConfig(JSON.stringify(configuration), { file: 'benchmark.yaml', environment: {} });
  const service = config.services['origin'];
  if (!service) throw new Error('the configuration has no service');
  const { logger } = createLog('benchmark', () => {}, 2);
  const parts = { clock: systemClock, random: Math.random, tracer, instruments, recorder, logger, gateway: 'benchmark', zone: undefined };
  const sources = createSources(config.registry, { clock: systemClock, random: Math.random, logger });
  return createService('origin', service, { ...parts, sources, engine: { send: answer } }).call;
}

/** Those that were there before: time limits, reconnecting and telemetry, to one endpoint. */
function fewLayers(): (exchange: Exchange) => Promise<unknown> {
  const endpoint = new Endpoint({
    url: new URL('http://127.0.0.1:4001'),
    weight: 1,
    zone: undefined,
    connectTimeout: 2_000,
    slowStart: 0,
    clock: systemClock,
  });
  const placed =
    (next: Next): Next =>
    (attempt) => {
      attempt.endpoint = endpoint;
      return next(attempt);
    };
  const below = compose([attemptTelemetry({ tracer, instruments, recorder, clock: systemClock }), timeout(15_000, systemClock)], answer);
  const send = compose([deadline(30_000, systemClock), reconnect(systemClock)], placed(below));
  return (exchange) => send(new Attempt(exchange, systemClock.now()));
}

/** Microseconds a call, sixteen at a time as a gateway has them. */
async function timed(call: (exchange: Exchange) => Promise<unknown>, calls: number): Promise<number> {
  const startedAt = performance.now();
  for (let made = 0; made < calls; made += 16)
    await Promise.all(Array.from({ length: 16 }, () => call(anExchange({ trace: ROOT_CONTEXT }))));
  return ((performance.now() - startedAt) * 1000) / calls;
}

/** Microseconds of processor time that the bare gateway takes for a whole request. */
async function wholeRequest(): Promise<number> {
  let took = Number.NaN;
  await inWorkspace(async (space) => {
    const gateway = await startPostern(space, (await startOrigin(space)).url);
    const full = { url: `${gateway.url}/small`, connections: 64 };
    await load({ ...full, seconds: options.count('warm') });
    const before = cpuSeconds(gateway.pid);
    const { requests } = await load({ ...full, seconds: 5 });
    took = ((cpuSeconds(gateway.pid) - before) * 1e6) / requests;
  });
  return took;
}

console.log(describeMachine());
const [whole, few] = [wholeService(), fewLayers()];
const [all, some]: [number[], number[]] = [[], []];
for (let round = -3; round < options.count('rounds'); round += 1) {
  const took = [await timed(few, options.count('calls')), await timed(whole, options.count('calls'))] as const;
  // The first rounds are for the compiler.
  if (round < 0) continue;
  some.push(took[0]);
  all.push(took[1]);
}
const request = await wholeRequest();
const added = median(all.map((each, round) => each - (some[round] ?? Number.NaN)));
printTable(
  ['microseconds of processor time', 'median'],
  [
    ['a call by the other layers', shown(median(some), 2)],
    ['a call by all layers', shown(median(all), 2)],
    ['added by breaker, budget, limit and balancer', shown(added, 2)],
    ['a whole request through the bare gateway', shown(request, 1)],
  ],
);
console.log(`share of a request: ${shown((added / request) * 100, 1)} % (wanted: less than 5 %)`);
process.exit(0);
