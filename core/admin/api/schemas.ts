/** The shapes of the API. What stands in the configuration is as its one schema has it. */

import { reachabilityKinds } from '../../check/reachability.ts';
import { mapSchema, type SchemaNode } from '../../config/input-schema.ts';
import { jsonSchema } from '../../config/json-schema.ts';
import { windows } from '../../telemetry/rolling-slices.ts';

export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const text = { type: 'string' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const flag = { type: 'boolean' } as const;
export const list = (items: object) => ({ type: 'array', items });

export const record = (properties: Readonly<Record<string, object>>, optional: readonly string[] = []) => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((key) => !optional.includes(key)),
  additionalProperties: false,
});

const revision = { type: 'string', pattern: '^[0-9a-f]{12}$', description: 'A digest of the text of the configuration file.' };
const at = { type: 'number', description: 'Milliseconds since 1970.' };
const recorded = { at, revision, cause: { enum: ['api', 'file', 'rollback'] }, note: text, gateway: text };
const fault = record({ in: text, pointer: text, detail: text });
const finding = record(
  { severity: { enum: ['error', 'warning'] }, file: text, line: count, column: count, path: text, message: text, hint: text },
  ['hint'],
);

const milliseconds = { type: ['number', 'null'], description: 'Milliseconds; null where there is none.' };
const counts = { type: 'object', additionalProperties: count };
const figures = record({
  ...{ requests: count, rate: { type: 'number' }, statuses: counts, errors: counts, refused: counts, bytesIn: count, bytesOut: count },
  ...{ p50: milliseconds, p90: milliseconds, p99: milliseconds, max: milliseconds },
});
const named = record({ name: text, ...figures.properties });

/** By JSON Merge Patch: every key may be left out, or be null to be taken out. */
const patchOf = (node: SchemaNode): SchemaNode =>
  mapSchema(node, ({ required: _, minProperties: __, maxProperties: ___, default: ____, ...rest }) => {
    const { properties, patternProperties, additionalProperties } = rest;
    const orNull = (members: Readonly<Record<string, SchemaNode>>) =>
      Object.fromEntries(Object.entries(members).map(([key, member]) => [key, { anyOf: [member, { type: 'null' }] }]));
    return {
      ...rest,
      ...(properties && { properties: orNull(properties) }),
      ...(patternProperties && { patternProperties: orNull(patternProperties) }),
      ...(typeof additionalProperties === 'object' && { additionalProperties: { anyOf: [additionalProperties, { type: 'null' }] } }),
    };
  });

export function schemas(): Readonly<Record<string, object>> {
  const config = jsonSchema();
  const [service = {}] = Object.values(config.properties?.['services']?.patternProperties ?? {});
  const route = config.properties?.['routes']?.items ?? {};
  const endpoint = service.properties?.['endpoints']?.items ?? {};
  const { url = {}, ...settings } = endpoint.anyOf?.find(({ properties }) => properties)?.properties ?? {};
  const { name, ...unnamed } = route.properties ?? {};
  return {
    Service: service,
    ServicePatch: patchOf(service),
    Services: record({ revision, services: { type: 'object', additionalProperties: ref('Service') } }),
    Route: route,
    // Its name is that of the resource.
    NamedRoute: { ...route, properties: { name, ...unnamed }, required: (route.required ?? []).filter((key) => key !== 'name') },
    RoutePatch: patchOf(route),
    Routes: record({
      revision,
      routes: list(ref('Route')),
      made: { ...list(record({ service: text, route: { type: 'object' } })), description: 'Made of contracts; read only.' },
    }),
    NewEndpoint: endpoint,
    EndpointPatch: patchOf({ type: 'object', properties: settings, additionalProperties: false }),
    Endpoint: record(
      {
        endpoint: { ...text, description: '`host:port`: its name here.' },
        from: { enum: ['file', 'registry'] },
        ...{ url, ...settings },
        live: {
          ...record(
            {
              ...{ weight: { type: 'number' }, zone: text, healthy: flag, available: flag, draining: flag, inFlight: count },
              ejection: { enum: ['available', 'ejected', 'probing'] },
              priority: { ...count, description: 'It stands by while one of a lower number is to be had.' },
              latency: { type: 'number', description: 'Milliseconds that a try is feared to take.' },
            },
            ['zone', 'latency'],
          ),
          description: 'How this gateway has it, where it uses the service.',
        },
      },
      ['url', 'weight', 'zone', 'drain', 'live'],
    ),
    Endpoints: record({ revision, endpoints: list(ref('Endpoint')) }),
    Config: record({
      revision,
      inForce: { ...revision, description: 'What this gateway serves by.' },
      needsRestart: list(text),
      config: { type: 'object', description: 'As the file has it, but for secrets.' },
    }),
    Recorded: record(recorded, ['note']),
    Revision: record(
      {
        ...recorded,
        changesFromNow: { ...list(text), description: 'The keys that going back to it would change.' },
        config: { type: 'object', description: 'As the file had it, but for secrets.' },
      },
      ['note'],
    ),
    Revisions: record({ revision, inForce: revision, revisions: { ...list(ref('Recorded')), description: 'Newest first.' } }),
    RolledBack: record({ revision, changes: list(text) }),
    Reloaded: record({ revision, changed: flag, needsRestart: list(text) }),
    Trial: {
      ...record({
        ok: { const: true },
        ...{ before: record({ file: text, revision }), after: record({ file: text, revision }) },
        wider: { ...flag, description: 'Whether somebody could reach what they cannot now.' },
        changes: list(ref('ReachabilityChange')),
        keys: { ...list(text), description: 'The keys of the configuration that change.' },
        findings: list(finding),
      }),
      description: 'What a write would do, as `check --diff --format json` tells it.',
    },
    ReachabilityChange: {
      ...record({
        kind: { enum: reachabilityKinds },
        ...{ wider: flag, gateway: { enum: ['public', 'private'] }, route: text, hosts: list(text), methods: list(text) },
        ...{ path: text, who: text, says: text, place: text, file: text, line: count, column: count },
      }),
      description: 'What becomes reachable to whom, or no longer is; the dangerous kinds first.',
    },
    Problem: {
      type: 'object',
      description: 'RFC 9457.',
      properties: {
        ...{ type: text, title: text, status: { type: 'integer' }, detail: text, code: text },
        errors: { ...list(fault), description: 'What is wrong with the request, by place.' },
        findings: { ...list(finding), description: 'What is wrong with the configuration, by place in the file.' },
        revision: { ...revision, description: 'What the file has now.' },
      },
      required: ['type', 'title', 'status', 'code'],
      additionalProperties: false,
    },
    Figures: figures,
    Statistics: record(
      {
        ...{ gateway: text, revision, at, window: { enum: Object.keys(windows) }, total: figures },
        ...{ routes: list(named), services: list(named), users: list(named), callers: list(named) },
        endpoints: list(record({ service: text, endpoint: text, ...figures.properties })),
        slowest: list(record({ name: text, p99: { type: 'number' } })),
        traffic: list(record({ from: text, service: text, requests: count, errors: count })),
        usersLack: { ...count, description: 'How many requests at most the figures of any one user lack.' },
      },
      ['users', 'callers', 'usersLack'],
    ),
    RecentRequests: record({
      requests: list({
        type: 'object',
        properties: {
          id: text,
          at: text,
          method: text,
          target: text,
          client: text,
          status: count,
          code: text,
          durationMs: { type: 'number' },
        },
        required: ['id', 'at', 'method', 'target'],
      }),
    }),
    Description: {
      ...record(
        {
          method: text,
          url: { ...text, description: 'A path, or a whole URL.' },
          headers: { type: ['object', 'array'], description: 'By name, a value or a list of them; or name, value, name, value.' },
          as: { type: 'object', description: 'The claims of a verified token.' },
          from: { ...text, description: 'The address of who asks.' },
          certificate: { ...text, description: 'The name in the certificate that was shown.' },
        },
        ['headers', 'as', 'from', 'certificate'],
      ),
      description: 'A request.',
    },
    Purge: {
      type: 'object',
      properties: { route: text, url: text, all: { const: true } },
      minProperties: 1,
      maxProperties: 1,
      additionalProperties: false,
    },
    Purged: record({ purged: count }),
  };
}
