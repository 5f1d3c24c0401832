/** The authentication of the public gateway behind a real socket, with an origin that counts what reaches it. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import type { JwtConfig, PublicExposure } from '../../../../core/config/schema/index.ts';
import type { Context, Middleware, State } from '../../../../core/context.ts';
import { asProblem } from '../../../../core/problem.ts';
import type { Route } from '../../../../core/routing/route.ts';
import { type AuthenticateOptions, authenticate } from '../../../../public-gateway/authenticate.ts';
import { authorize } from '../../../../public-gateway/authorize.ts';
import { type TestClock, testClock } from './clock.ts';
import { AUDIENCE, ISSUER } from './issuer.ts';

/** An array makes several fields of one name. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[]>>;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Rig {
  readonly clock: TestClock;
  /** How many requests reached the origin. */
  readonly forwarded: number;
  /** The principal of the last one. */
  readonly principal: State['principal'] | undefined;
  /** Sends the token as a bearer token. */
  present(token: string): Promise<Answer>;
  send(options: { method?: string; path?: string; headers?: RequestHeaders }): Promise<Answer>;
  close(): Promise<void>;
}

export interface RigOptions extends Partial<Omit<AuthenticateOptions, 'jwt' | 'clock'>> {
  jwt?: Partial<JwtConfig>;
  exposure?: PublicExposure;
  clock?: TestClock;
}

export async function rig({ jwt, exposure = {}, clock = testClock(), directory = '/', ...options }: RigOptions): Promise<Rig> {
  let forwarded = 0;
  let principal: State['principal'] | undefined;
  const config: JwtConfig = { issuer: ISSUER, audience: AUDIENCE, algorithms: ['RS256', 'ES256'], from: ['bearer'], clockTolerance: 5_000, ...jwt };
  const route = { name: 'orders', config: { expose: { public: exposure } } } as Route;

  const enter: Middleware = (ctx, next) => {
    ctx.state.answer = [];
    ctx.state.route = route;
    return next();
  };
  const forward: Middleware = (ctx) => {
    forwarded++;
    principal = ctx.state.principal;
    ctx.body = 'from the origin';
  };
  const app = new Koa<State>();
  app.silent = true;
  app.use(problems).use(enter).use(authenticate({ jwt: config, directory, clock, ...options })).use(authorize()).use(forward);
  const server = createServer(app.callback());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const send: Rig['send'] = ({ method = 'GET', path = '/orders', headers = {} }) =>
    new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port, method, path, headers: headers as OutgoingHttpHeaders, agent: false }, async (response) => {
        const body = Buffer.concat(await response.toArray()).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
      request.on('error', reject).end();
    });

  return {
    clock,
    get forwarded() {
      return forwarded;
    },
    get principal() {
      return principal;
    },
    send,
    present: (token) => send({ headers: { authorization: `Bearer ${token}` } }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function problems(ctx: Context, next: () => Promise<unknown>): Promise<void> {
  try {
    await next();
  } catch (error) {
    const { code, failure, options } = asProblem(error);
    ctx.status = failure.status;
    ctx.set({ ...options.headers });
    if (options.retryAfter !== undefined) ctx.set('Retry-After', String(options.retryAfter));
    ctx.body = { status: failure.status, title: failure.title, code };
  }
}
