/** A public gateway with one protected route, before an origin that counts and echoes what reaches it; time stands still. */
import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { type TestClock, testClock } from '../../../support/clock.ts';
import { startPublic } from '../../../support/gateways.ts';
import { type Echo, startUpstream } from '../../../support/upstream.ts';
import { AUDIENCE, ISSUER } from './issuer.ts';

/** An array makes several fields of one name. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[]>>;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Rig {
  readonly port: number;
  readonly clock: TestClock;
  /** How many requests reached the origin. */
  readonly forwarded: number;
  /** How many connections the origin was asked for. */
  readonly connections: number;
  /** Sends the token as a bearer token. */
  present(token: string): Promise<Answer>;
  send(options: { method?: string; path?: string; headers?: RequestHeaders }): Promise<Answer>;
  logged(): Record<string, unknown>[];
  close(): Promise<void>;
}

export interface RigOptions {
  /** `public.jwt`, as in a file; issuer and audience are filled in. */
  jwt?: object;
  /** `expose.public` of the route. */
  exposure?: object;
  /** More of `public`, and more routes. */
  settings?: object;
  routes?: object[];
  clock?: TestClock;
}

export async function rig({ jwt, exposure = {}, settings, routes = [], clock = testClock() }: RigOptions): Promise<Rig> {
  const origin = await startUpstream();
  const gateway = await startPublic(
    {
      services: { upstream: { endpoints: [origin.url] } },
      routes: [{ name: 'orders', match: { pathPrefix: '/orders' }, service: 'upstream', expose: { public: exposure } }, ...routes],
      public: { jwt: { issuer: ISSUER, audience: AUDIENCE, ...jwt }, ...settings },
    },
    { clock },
  ).catch(async (error) => {
    await origin.close();
    throw error;
  });

  const send: Rig['send'] = ({ method = 'GET', path = '/orders', headers = {} }) =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: gateway.port, method, path, headers: headers as OutgoingHttpHeaders, agent: false };
      const request = httpRequest(options, (response) => {
        const settle = (body: Buffer[]) =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(body).toString() });
        response.toArray().then(settle, reject);
      });
      request.on('error', reject).end();
    });

  return {
    port: gateway.port,
    clock,
    get forwarded() {
      return origin.requests.length;
    },
    get connections() {
      return origin.connections.length;
    },
    send,
    present: (token) => send({ headers: { authorization: `Bearer ${token}` } }),
    logged: gateway.logged,
    async close() {
      await gateway.stop();
      await origin.close();
    },
  };
}

/** What the origin received, by its own account. */
export const received = ({ body }: Answer): Echo => JSON.parse(body) as Echo;
