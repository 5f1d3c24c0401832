/** A route that is made of parts, at `/dashboard/{id}` of both gateways, and services that answer with JSON. */
import type { RequestListener } from 'node:http';
import type { Given } from '../../support/gateways.ts';

export const json =
  (value: unknown, headers: Record<string, string> = {}): RequestListener =>
  (_, res) =>
    void res.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));

/** A service that begins an answer, and goes on with it for ever. */
export const dripping =
  (status: number, type: string): RequestListener =>
  (_, res) => {
    res.writeHead(status, { 'content-type': type }).flushHeaders();
    const drops = setInterval(() => res.write(' '), 5);
    res.once('close', () => clearInterval(drops));
  };

/**
 * @param services their URLs by their names; inside, `/NAME` leads to each
 * @param aggregate more of the route's `aggregate`
 * @param more of each service
 */
export const given = (
  parts: Record<string, object>,
  services: Record<string, string>,
  aggregate: object = {},
  more: object = {},
  route: object = {},
): Given => ({
  services: Object.fromEntries(Object.entries(services).map(([name, url]) => [name, { endpoints: [url], ...more }])),
  routes: [
    {
      name: 'dashboard',
      match: { path: '/dashboard/{id}' },
      aggregate: { parts, ...aggregate },
      expose: { public: { access: 'anonymous' }, private: { callers: ['tests'] } },
      ...route,
    },
    ...Object.keys(services).map((service) => ({
      name: `to-${service}`,
      match: { pathPrefix: `/${service}` },
      service,
      expose: { private: { callers: ['tests'] } },
    })),
  ],
  private: { callers: { tests: { from: ['127.0.0.0/8'] } } },
});

/** The code of what a part of a partial answer failed with. */
export const failureOf = (answer: { json(): Record<string, unknown> }, part: string): string | undefined =>
  (answer.json()['_failures'] as Record<string, { code: string }> | undefined)?.[part]?.code;
