/** Every metric instrument, with its name, unit and buckets: names of the semantic conventions, `gateway.*` where they have none. */
import type { Attributes, Counter, Histogram, Meter } from '@opentelemetry/api';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** How many of something there are now: counted here and read when metrics are collected, which costs a request nothing. */
export interface Level {
  /** One more of those with these attributes, of which there must be few; the function returned takes it off again. */
  enter(attributes?: Attributes): () => void;
}

export interface Instruments {
  readonly serverDuration: Histogram;
  readonly activeRequests: Level;
  readonly clientDuration: Histogram;
  readonly rateLimitRequests: Counter;
  readonly activeWebSockets: Level;
  readonly rejectedConnections: Counter;
}

export function createInstruments(meter: Meter): Instruments {
  const seconds = (name: string, description: string) =>
    meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries: SECONDS } });
  const activeWebSockets = level(meter, 'gateway.websocket.active', 'WebSockets open.', '{connection}');
  // Reported as none from the start, and not first with the first.
  activeWebSockets.enter()();
  return {
    serverDuration: seconds('http.server.request.duration', 'Duration of requests to the gateway.'),
    activeRequests: level(meter, 'http.server.active_requests', 'Requests under way.', '{request}'),
    clientDuration: seconds('http.client.request.duration', 'Duration of tries to a service, to the first byte of the answer.'),
    rateLimitRequests: meter.createCounter('gateway.rate_limit.requests', {
      description: 'Requests that a rate limit looked at.',
      unit: '{request}',
    }),
    activeWebSockets,
    rejectedConnections: meter.createCounter('gateway.connections.rejected', {
      description: 'Connections closed before they became a request, by reason.',
      unit: '{connection}',
    }),
  };
}

function level(meter: Meter, name: string, description: string, unit: string): Level {
  const counts = new Map<string, { count: number; readonly leave: () => void; readonly attributes: Attributes }>();
  meter.createObservableUpDownCounter(name, { description, unit }).addCallback((result) => {
    for (const { count, attributes } of counts.values()) result.observe(count, attributes);
  });
  return {
    enter(attributes = {}) {
      const key = Object.values(attributes).join(' ');
      let counted = counts.get(key);
      if (!counted) {
        const entry = {
          count: 0,
          attributes,
          leave: () => {
            entry.count -= 1;
          },
        };
        counted = entry;
        counts.set(key, counted);
      }
      counted.count += 1;
      return counted.leave;
    },
  };
}
