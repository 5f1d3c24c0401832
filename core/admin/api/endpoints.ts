/** `/services/NAME/endpoints`: the addresses of a service, those of the file and those that its registry found. */
import type Router from '@koa/router';
import { filledIn } from '../../config/environment.ts';
import { at, isList, isMapping, patched, type Written, type WrittenMap } from '../../revisions/written.ts';
import type { EndpointView, ServiceView } from '../../upstream/service-view.ts';
import { AdminProblem } from '../problem.ts';
import { changing, telling } from './answers.ts';
import { bodyOf } from './request.ts';
import { nameIn, serviceIn } from './services.ts';
import type { Reading, Source } from './source.ts';

export type Views = () => readonly ServiceView[];

export function endpointRoutes(router: Router, source: Source, views: Views): void {
  const live = (service: string): readonly EndpointView[] =>
    views()
      .find(({ name }) => name === service)
      ?.endpoints() ?? [];

  router.get('/services/:name/endpoints', (ctx) => {
    const name = nameIn(ctx.params);
    return telling(ctx, source, (now) => ({ revision: now.revision, endpoints: endpointsOf(now, name, live(name)) }));
  });

  router.post('/services/:name/endpoints', (ctx) => {
    const name = nameIn(ctx.params);
    const body = bodyOf<string | WrittenMap>(ctx);
    const id = idOf(body);
    return changing(
      ctx,
      source,
      {
        note: `services.${name} has ${id} too`,
        edit(now) {
          const { registry, endpoints } = serviceIn(now, name);
          if (registry !== undefined) throw fromRegistry(name);
          const list = isList(endpoints) ? endpoints : [];
          if (list.some((one) => idOf(one) === id))
            throw new AdminProblem('conflict', { detail: `${id} is an endpoint of ${name} already` });
          return now.edit(['services', name, 'endpoints', list.length], body);
        },
      },
      (after) => ({
        status: 201,
        body: endpointsOf(after, name, live(name)).find(({ endpoint }) => endpoint === id),
        location: `/services/${name}/endpoints/${id}`,
      }),
    );
  });

  router.patch('/services/:name/endpoints/:endpoint', (ctx) => {
    const name = nameIn(ctx.params);
    const wanted = ctx.params['endpoint'] ?? '';
    const patch = bodyOf<WrittenMap>(ctx);
    return changing(
      ctx,
      source,
      {
        note: `services.${name} ${wanted}: ${JSON.stringify(patch)}`,
        edit(now) {
          const found = find(endpointsOf(now, name, live(name)), wanted, name);
          if (found.from === 'registry') return overridden(now, name, found.endpoint, patch);
          const { index } = found;
          const path = ['services', name, 'endpoints', index ?? 0];
          const old = at(now.config, path);
          return now.edit(path, patched(isMapping(old) ? old : { url: old ?? '' }, patch));
        },
      },
      (after) => ({ status: 200, body: find(endpointsOf(after, name, live(name)), wanted, name) }),
    );
  });

  router.delete('/services/:name/endpoints/:endpoint', (ctx) => {
    const name = nameIn(ctx.params);
    const wanted = ctx.params['endpoint'] ?? '';
    return changing(
      ctx,
      source,
      {
        note: `services.${name} is without ${wanted}`,
        edit(now) {
          const { from, index } = find(endpointsOf(now, name, live(name)), wanted, name);
          if (from === 'registry') throw fromRegistry(name);
          return now.edit(['services', name, 'endpoints', index ?? 0], undefined);
        },
      },
      () => ({ status: 204 }),
    );
  });
}

interface Shown {
  /** `host:port`, its name here. */
  readonly endpoint: string;
  readonly from: 'file' | 'registry';
  readonly url?: Written;
  readonly weight?: Written;
  readonly zone?: Written;
  readonly drain?: Written;
  /** How this gateway has it, where it uses the service. */
  readonly live?: Omit<EndpointView, 'id'>;
  /** Its place in the file. */
  readonly index?: number;
}

function endpointsOf(now: Reading, name: string, live: readonly EndpointView[]): Shown[] {
  const { endpoints, overrides } = serviceIn(now, name);
  const liveOf = (id: string) => {
    const { id: _, ...state } = live.find((one) => one.id === id) ?? { id };
    return 'inFlight' in state ? { live: state as Omit<EndpointView, 'id'> } : {};
  };
  const inFile = (isList(endpoints) ? endpoints : []).map((one, index): Shown => {
    const endpoint = idOf(one);
    const shown: Shown = { endpoint, from: 'file', ...(isMapping(one) ? one : { url: one }), ...liveOf(endpoint) };
    // Told to nobody: it is where the file has it, until that changes.
    return Object.defineProperty(shown, 'index', { value: index, enumerable: false });
  });
  if (inFile.length > 0) return inFile;
  const known = isMapping(overrides) ? overrides : {};
  const ids = new Set([...live.map(({ id }) => id), ...Object.keys(known)]);
  return [...ids].map((endpoint) => {
    const own = known[endpoint];
    return { endpoint, from: 'registry', ...(isMapping(own) ? own : {}), ...liveOf(endpoint) };
  });
}

/** @throws AdminProblem 404 */
function find(endpoints: readonly Shown[], wanted: string, service: string): Shown {
  const found =
    endpoints.find(({ endpoint }) => endpoint === wanted) ?? endpoints.find(({ endpoint }) => withPort(endpoint).includes(wanted));
  if (!found) throw new AdminProblem('not-found', { detail: `${service} has no endpoint ${wanted}` });
  return found;
}

/** A default port is no part of an endpoint's name, but may be said. */
const withPort = (endpoint: string): readonly string[] => (/:\d+$/.test(endpoint) ? [] : [`${endpoint}:80`, `${endpoint}:443`]);

function overridden(now: Reading, name: string, id: string, patch: WrittenMap): Promise<string> {
  const { config } = now;
  if ('zone' in patch) throw new AdminProblem('conflict', { detail: 'The zone of an endpoint is what its registry says' });
  const path = ['services', name, 'overrides', id];
  const made = patched(at(config, path), patch);
  const isNothing = isMapping(made) && Object.keys(made).length === 0;
  if (!isNothing) return now.edit(path, made);
  const others = Object.keys((at(config, ['services', name, 'overrides']) ?? {}) as object).filter((key) => key !== id);
  return now.edit(others.length > 0 ? path : ['services', name, 'overrides'], undefined);
}

const fromRegistry = (name: string) =>
  new AdminProblem('conflict', {
    detail: `The endpoints of ${name} come from its registry: register or take out instances there, or drain one here`,
  });

/** The name of an endpoint as it is written; of what is no URL, the text itself. */
function idOf(written: Written | undefined): string {
  const url = String((isMapping(written) ? written['url'] : written) ?? '');
  return URL.parse(filledIn(url).replace(/^ws/, 'http'))?.host ?? url;
}
