/** Both gateways on one configuration, whose services come from a registry, and calls of them as a user and as a caller would make them. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { Bench } from '../support/bench.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { startIssuer } from '../support/issuer.ts';

export interface Answer {
  readonly status: number;
  /** JSON where it is. */
  readonly body: unknown;
}

export type Call = (path: string, init?: RequestInit) => Promise<Answer>;

export interface Pair {
  readonly edge: Gateway;
  readonly inside: Gateway;
  /** Asks the public gateway, with a token. */
  readonly asUser: Call;
  /** Asks the private gateway, from an address that is some caller's. */
  readonly asCaller: Call;
  /** Asks the private gateway, from an address that is nobody's; returns the status. */
  readonly asStranger: (path: string) => Promise<number | undefined>;
}

export interface PairOptions {
  /** The section `registry`. */
  readonly registry: object;
  /** Each has a route at its name. */
  readonly services: Readonly<Record<string, object>>;
  /** Of the private gateway. */
  readonly zone?: string;
}

/** Asked for as often as may be, for who waits where a registry cannot be listened to; and patient, beside virtual machines that start. */
const found = { registry: 'eureka', refresh: '1s', timeouts: { attempt: '10s', request: '20s' } };

const listen = { host: '127.0.0.1', port: 0 };
const both = { listen, rateLimit: '100000/s', drain: { grace: '1ms' }, overload: { eventLoopDelay: '10s' }, admin: listen };

export async function startPair(bench: Bench, { registry, services, zone }: PairOptions): Promise<Pair> {
  const issuer = await startIssuer(bench);
  const configuration = {
    services: Object.fromEntries(Object.entries(services).map(([name, given]) => [name, { ...found, ...given }])),
    routes: Object.keys(services).map((name) => ({
      name,
      match: { pathPrefix: `/${name}` },
      service: name,
      expose: { public: {}, private: { callers: ['shop'] } },
    })),
    public: { ...both, jwt: issuer.jwt },
    private: { ...both, callers: { shop: { from: ['127.0.0.1'] } }, zone },
    registry,
  };
  const file = await bench.file('postern.yaml', JSON.stringify(configuration));
  const [edge, inside] = await Promise.all([startGateway(bench, 'public-gateway', file), startGateway(bench, 'private-gateway', file)]);
  const authorization = `Bearer ${await issuer.token('ada')}`;
  return {
    edge,
    inside,
    asUser: (path, init = {}) => call(`${edge.url}${path}`, { ...init, headers: { ...init.headers, authorization } }),
    asCaller: (path, init) => call(`${inside.url}${path}`, init),
    asStranger: async (path) => {
      const request = get(`${inside.url}${path}`, { localAddress: '127.0.0.2', agent: false });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    },
  };
}

export async function call(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, body: /\bjson\b/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text };
}

/** Which instances answer this many requests, one after the other; all of those here say who they are. @throws when one does not answer */
export async function whoAnswers(gateway: Call, path: string, count: number): Promise<string[]> {
  const answers: string[] = [];
  for (let asked = 0; asked < count; asked += 1) {
    const { status, body } = await gateway(path);
    if (status !== 200) throw new Error(`${path} answered ${status}: ${JSON.stringify(body)}`);
    answers.push((body as { instance: string }).instance);
  }
  return answers;
}
