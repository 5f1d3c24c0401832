/** The operations of the API, as its document has them. */
import { ref } from './schemas.ts';

type Description = Readonly<Record<string, unknown>>;

const ETAG = { ETag: { description: 'The revision of the configuration file.', schema: { type: 'string' } } };
const NEEDS_RESTART = {
  'Postern-Needs-Restart': { description: 'Keys that only a restart takes up.', schema: { type: 'string' } },
};

const json = (schema: object) => ({ 'application/json': { schema } });
export const problems = (...statuses: readonly number[]) =>
  Object.fromEntries(statuses.map((status) => [status, { $ref: '#/components/responses/Problem' }]));

const parameter = (where: 'path' | 'query' | 'header', name: string, description: string) => ({
  ...{ name, in: where, description, schema: { type: 'string' } },
  ...(where === 'path' ? { required: true } : {}),
});
const NAME = parameter('path', 'name', 'As the file has it.');
const ENDPOINT = parameter('path', 'endpoint', '`host:port`');
const ID = parameter('path', 'id', 'The revision.');
const WRITING = [
  parameter('header', 'If-Match', 'The ETag of what is to be changed; without it, 428.'),
  parameter('query', 'dryRun', 'Answers with what would become of it, and changes nothing.'),
];

export const reading = (summary: string, schema: object, parameters: readonly object[] = []): Description => ({
  summary,
  security: [{}, { token: [] }],
  ...(parameters.length > 0 ? { parameters } : {}),
  responses: {
    200: { description: 'As it is.', headers: ETAG, content: json(schema) },
    304: { description: 'As it was.' },
    ...problems(400, 401, 403, 404, 409, 422, 429, 500, 503),
  },
});

interface Writing {
  readonly parameters?: readonly object[];
  readonly body?: object;
  /** Media types of the body. */
  readonly types?: readonly string[];
  /** What is answered, by status; null for nothing. */
  readonly answers: Readonly<Record<number, object | null>>;
}

function writing(summary: string, { parameters = [], body, types = ['application/json'], answers }: Writing): Description {
  const { 200: found, ...others } = answers;
  // Of a dry run, it is always 200.
  const all = { ...others, 200: found ? { anyOf: [found, ref('Trial')] } : ref('Trial') };
  return {
    summary,
    security: [{ token: [] }],
    parameters: [...parameters, ...WRITING],
    ...(body ? { requestBody: { required: true, content: Object.fromEntries(types.map((type) => [type, { schema: body }])) } } : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(all).map(([status, schema]) => [
          status,
          { description: 'Done, and in force.', headers: { ...ETAG, ...NEEDS_RESTART }, ...(schema ? { content: json(schema) } : {}) },
        ]),
      ),
      ...problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429, 500, 503),
    },
  };
}

const PATCH = ['application/merge-patch+json', 'application/json'];

export const apiPaths: Readonly<Record<string, Readonly<Record<string, Description>>>> = {
  '/services': { get: reading('Every service.', ref('Services')) },
  '/services/{name}': {
    get: reading('A service.', ref('Service'), [NAME]),
    put: writing('Adds a service, or replaces it.', {
      parameters: [NAME],
      body: ref('Service'),
      answers: { 200: ref('Service'), 201: ref('Service') },
    }),
    patch: writing('Changes some of a service, as its breaker: { "circuitBreaker": { "force": "open" } }', {
      parameters: [NAME],
      body: ref('ServicePatch'),
      types: PATCH,
      answers: { 200: ref('Service') },
    }),
    delete: writing('Takes a service out that no route uses.', { parameters: [NAME], answers: { 204: null } }),
  },
  '/services/{name}/endpoints': {
    get: reading('The endpoints of a service.', ref('Endpoints'), [NAME]),
    post: writing('Adds one.', { parameters: [NAME], body: ref('NewEndpoint'), answers: { 201: ref('Endpoint') } }),
  },
  '/services/{name}/endpoints/{endpoint}': {
    patch: writing('Sets the weight or the zone of an endpoint, or drains it.', {
      parameters: [NAME, ENDPOINT],
      body: ref('EndpointPatch'),
      types: PATCH,
      answers: { 200: ref('Endpoint') },
    }),
    delete: writing('Takes an endpoint out; what is under way there is finished.', {
      parameters: [NAME, ENDPOINT],
      answers: { 204: null },
    }),
  },
  '/routes': {
    get: reading('Every route.', ref('Routes')),
    post: writing('Adds a route, behind the others.', { body: ref('Route'), answers: { 201: ref('Route') } }),
  },
  '/routes/{name}': {
    get: reading('A route.', ref('Route'), [NAME]),
    put: writing('Adds a route, or replaces it in its place.', {
      parameters: [NAME],
      body: ref('NamedRoute'),
      answers: { 200: ref('Route'), 201: ref('Route') },
    }),
    patch: writing('Changes some of a route.', {
      parameters: [NAME],
      body: ref('RoutePatch'),
      types: PATCH,
      answers: { 200: ref('Route') },
    }),
    delete: writing('Takes a route out.', { parameters: [NAME], answers: { 204: null } }),
  },
  '/config': { get: reading('The whole configuration.', ref('Config')) },
  '/revisions': { get: reading('What the configuration was lately.', ref('Revisions')) },
  '/revisions/{id}': { get: reading('One revision.', ref('Revision'), [ID]) },
  '/revisions/{id}/rollback': {
    post: writing('Makes an older revision the one in force.', { parameters: [ID], answers: { 200: ref('RolledBack') } }),
  },
  '/reload': {
    post: {
      summary: 'Reads the file anew.',
      security: [{ token: [] }],
      responses: {
        200: { description: 'In force.', headers: ETAG, content: json(ref('Reloaded')) },
        ...problems(400, 401, 403, 422, 429, 500, 503),
      },
    },
  },
  '/explain': {
    post: {
      summary: 'What would become of a request; nothing is sent.',
      security: [{}, { token: [] }],
      requestBody: { required: true, content: json(ref('Description')) },
      responses: {
        200: { description: 'What each step decides.', content: json({ type: 'object' }) },
        ...problems(400, 401, 403, 413, 415, 429, 500),
      },
    },
  },
  '/cache/purge': {
    post: {
      summary: 'Takes answers out of the store: of a route, of a URL, or all.',
      security: [{ token: [] }],
      requestBody: { required: true, content: json(ref('Purge')) },
      responses: {
        200: { description: 'So many were taken out.', content: json(ref('Purged')) },
        ...problems(400, 401, 403, 413, 415, 429, 500),
      },
    },
  },
};

export { json };
