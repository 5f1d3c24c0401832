/** The OpenAPI document of the admin port: the API, and what stands beside it. */
import { apiPaths, json, problems } from './paths.ts';
import { ref, schemas } from './schemas.ts';

const text = (description: string, ...types: readonly string[]) => ({
  description,
  content: Object.fromEntries(types.map((type) => [type, { schema: { type: 'string' } }])),
});

const asking = (summary: string, responses: object, more: object = {}) => ({
  get: { summary, security: [{}, { token: [] }], ...more, responses: { ...responses, ...problems(400, 401, 403, 429, 500) } },
});

const query = (name: string, schema: object, description: string) => ({ name, in: 'query', description, schema });
const some = { type: 'object' };

const probe = (summary: string) =>
  asking(
    summary,
    { 200: text('Yes.', 'text/plain'), 503: text('No.', 'text/plain') },
    { security: [], parameters: [query('verbose', { type: 'string' }, 'With what it rests on.')] },
  );

/** What others on the port answer; each has words of its own for the details. */
const otherPaths = {
  '/livez': probe('Whether it lives.'),
  '/readyz': probe('Whether it is ready for traffic.'),
  '/startupz': probe('Whether it has started.'),
  '/metrics': asking('Metrics for Prometheus.', { 200: text('Its text format.', 'text/plain') }, { security: [] }),
  '/openapi.json': asking('What the gateway exposes, as OpenAPI.', { 200: { description: 'A document.', content: json(some) } }),
  '/admin.openapi.json': asking('This document.', { 200: { description: 'A document.', content: json(some) } }),
  '/events': asking(
    'The state of the gateway, and of its peer, once a second: the dashboard.',
    { 200: text('Events.', 'text/event-stream'), 503: text('There are as many readers as there may be.', 'text/plain') },
    { parameters: [query('own', { type: 'string' }, 'Without the peer.')] },
  ),
  '/stats': asking(
    'Who did what lately, and what came of it.',
    { 200: { description: 'Of the window.', content: json(ref('Statistics')) } },
    {
      parameters: [
        query('window', { type: 'string' }, '10s, 1m or 5m; 1m unless asked for.'),
        query('top', { type: 'string' }, 'How many users, and slowest routes: up to 1000; 20 unless asked for.'),
      ],
    },
  ),
  '/requests': asking(
    'Requests that were refused or failed lately, the newest first.',
    { 200: { description: 'Each in short.', content: json(ref('RecentRequests')) } },
    {
      parameters: [
        query('route', { type: 'string' }, 'Of this route.'),
        query('code', { type: 'string' }, 'With this code of a problem, or status.'),
        query('user', { type: 'string' }, 'Of this user.'),
        query('caller', { type: 'string' }, 'Of this calling service.'),
        query('limit', { type: 'string' }, 'So many at most: up to 1000; 50 unless asked for.'),
      ],
    },
  ),
  '/requests/{id}': asking(
    'What became of a request, and what every step decides.',
    { 200: { description: 'All of that id, the newest first.', content: json(ref('RecentRequests')) }, ...problems(404) },
    { parameters: [{ name: 'id', in: 'path', required: true, description: 'Its X-Request-Id.', schema: { type: 'string' } }] },
  ),
  '/hystrix.stream': asking(
    "Every service, in the words of Hystrix's event stream.",
    { 200: text('Events.', 'text/event-stream'), 503: text('There are as many readers as there may be.', 'text/plain') },
    { parameters: [query('delay', { type: 'string' }, 'Milliseconds between two events of a service.')] },
  ),
};

let made: string | undefined;

/** As JSON; made when it is first asked for. */
export function adminDocument(): string {
  made ??= JSON.stringify({
    openapi: '3.1.0',
    info: {
      title: 'Postern admin API',
      version: '1',
      description:
        'Values are those of the configuration file, as they are written there. Every answer about it has the revision as its ETag; every write needs it as If-Match.',
    },
    servers: [{ url: '/' }],
    paths: { ...otherPaths, ...apiPaths },
    components: {
      schemas: schemas(),
      responses: {
        Problem: {
          description: 'What is wrong.',
          content: { 'application/problem+json': { schema: ref('Problem') } },
        },
      },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  });
  return made;
}
