/** One service and how a call to it is made: the layers, in the order a try goes down through them. */
import type { Tracer } from '@opentelemetry/api';
import { balancers } from '../balancer/index.ts';
import type { Clock, Random } from '../clock.ts';
import type { ServiceConfig } from '../config/schema/index.ts';
import { Endpoint, endpointUrl } from '../endpoint/endpoint.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import { attemptTelemetry } from './attempt-telemetry.ts';
import { balance } from './balance.ts';
import { deadline } from './deadline.ts';
import type { Engine } from './engine.ts';
import { Attempt, type Exchange } from './exchange.ts';
import { compose, type Next } from './layer.ts';
import { reconnect } from './reconnect.ts';
import type { UpstreamResponse } from './response.ts';
import { timeout } from './timeout.ts';

export interface Service {
  readonly name: string;
  readonly config: ServiceConfig;
  /** @throws Problem */
  call(exchange: Exchange): Promise<UpstreamResponse>;
  close(): Promise<void>;
}

export interface ServiceParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly random: Random;
  readonly tracer: Tracer;
  readonly instruments: Instruments;
}

export function createService(name: string, config: ServiceConfig, parts: ServiceParts): Service {
  const { engine, clock, random, tracer, instruments } = parts;
  const { connect, attempt, request, idle } = config.timeouts;
  const endpoints = config.endpoints.map((given) => {
    const { url, weight = 1, zone } = typeof given === 'string' ? { url: given } : given;
    return new Endpoint({ url: endpointUrl(url), weight, zone, connectTimeout: connect });
  });

  const transport: Next = (try_) => engine.send(try_, idle);
  const send = compose(
    [
      deadline(request, clock), // above all tries: they share its time
      reconnect(clock), // above balance: the next try is placed anew
      balance(endpoints, balancers[config.balancer](random)),
      attemptTelemetry(tracer, instruments, clock), // below balance: a span has an endpoint; above timeout: it sees it fire
      timeout(attempt, clock),
    ],
    transport,
  );

  return {
    name,
    config,
    call: (exchange) => send(new Attempt(exchange, clock.now())),
    close: async () => void (await Promise.all(endpoints.map((endpoint) => endpoint.close()))),
  };
}
