/**
 * An API server of Kubernetes by HTTPS with bearer tokens: a Service's EndpointSlices, listed in parts and watched. It answers in
 * the shapes that kube-apiserver was recorded with, and holds each request and each answer against the published OpenAPI.
 */
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Certificate } from '../../support/certificates.ts';
import type { Bench } from '../support/bench.ts';
import { readOpenApi } from './openapi.ts';
import recorded from './recorded.json' with { type: 'json' };

/** An EndpointSlice: what else is in it, the OpenAPI document checks. */
export interface Slice {
  readonly metadata: { readonly name: string };
  readonly endpoints: readonly object[] | null;
  readonly ports: readonly object[] | null;
}

export interface ApiServer {
  readonly url: string;
  /** The folder of a service account, with the token and the authority of now. */
  readonly account: string;
  /** Every request so far. */
  readonly requests: readonly URL[];
  /** What the OpenAPI documents forbid, and was asked or answered all the same. */
  readonly faults: readonly string[];
  put(slice: Slice): void;
  remove(name: string): void;
  /** Tells every watch how far it is. @returns the version */
  bookmark(): string;
  /** Ends every watch in good order, as after its time. */
  endWatches(): void;
  /** Forgets all changes so far, and says so to watches that are older. */
  forget(): void;
  /** Takes no other token from now on. */
  token(token: string): void;
  /** Is another server at the same address. */
  restart(certificate: Certificate, authority: Certificate): Promise<void>;
}

/** Slices in one part, however many more are allowed. */
const PART = 2;

/** Those in a list do not say what they are. */
const asAlone = (slice: Slice): Slice => ({ kind: 'EndpointSlice', apiVersion: 'discovery.k8s.io/v1', ...slice }) as Slice;

export async function startApiServer(bench: Bench, certificate: Certificate, authority: Certificate): Promise<ApiServer> {
  const discovery = readOpenApi('apis__discovery.k8s.io__v1_openapi.json');
  const core = readOpenApi('api__v1_openapi.json');
  const account = await bench.directory();
  const slices = new Map<string, Slice>();
  const watches = new Set<{ res: ServerResponse; version: number }>();
  const requests: URL[] = [];
  const faults: string[] = [];
  let changes: { version: number; type: string; object: Slice }[] = [];
  let [version, oldest, token] = [100, 100, 'the first'];

  const hold = (api: typeof core, kind: string, value: unknown) => {
    faults.push(...api.faultsOf(kind, value));
    return JSON.stringify(value);
  };
  /** The objects of a watch are of whatever kind its events are about; that of a bookmark has a version alone. */
  const write = (res: ServerResponse, event: { readonly type: string; readonly object: object & { readonly metadata: object } }) => {
    hold(discovery, 'meta.v1.WatchEvent', event);
    if (event.type === 'ERROR') hold(discovery, 'meta.v1.Status', event.object);
    else if (event.type === 'BOOKMARK') hold(discovery, 'meta.v1.ObjectMeta', event.object.metadata);
    else hold(discovery, 'discovery.v1.EndpointSlice', event.object);
    res.write(`${JSON.stringify(event)}\n`);
  };
  const refuse = (res: ServerResponse, status: { code: number }) =>
    void res.writeHead(status.code, { 'content-type': 'application/json' }).end(hold(discovery, 'meta.v1.Status', status));

  const change = (type: string, slice: Slice) => {
    version += 1;
    const object = { ...slice, metadata: { ...slice.metadata, resourceVersion: String(version) } };
    changes.push({ version, type, object });
    for (const { res } of watches) write(res, { type, object: asAlone(object) });
    return object;
  };
  const list = (res: ServerResponse, query: URLSearchParams) => {
    const from = Number(query.get('continue') ?? 0);
    const all = [...slices.values()];
    const to = query.has('limit') ? from + Math.min(PART, Number(query.get('limit'))) : all.length;
    const more = to < all.length ? { continue: String(to), remainingItemCount: all.length - to } : {};
    const answer = { ...recorded.list, metadata: { resourceVersion: String(version), ...more }, items: all.slice(from, to) };
    res.writeHead(200, { 'content-type': 'application/json' }).end(hold(discovery, 'discovery.v1.EndpointSliceList', answer));
  };
  const watch = (res: ServerResponse, query: URLSearchParams) => {
    const since = Number(query.get('resourceVersion'));
    res.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    if (since < oldest) {
      write(res, recorded.expired);
      return void res.end();
    }
    for (const { type, object } of changes.filter((one) => one.version > since)) write(res, { type, object: asAlone(object) });
    const one = { res, version: since };
    watches.add(one);
    res.on('close', () => watches.delete(one));
  };
  const answer = (req: IncomingMessage, res: ServerResponse) => {
    const url = new URL(req.url ?? '', 'https://api');
    const query = url.searchParams;
    requests.push(url);
    faults.push(...(url.pathname.startsWith('/api/') ? core : discovery).faultsOfRequest(url, req.headers.accept));
    if (query.has('watch') && (query.has('limit') || query.has('continue'))) faults.push('a watch has no parts');
    if (req.headers.authorization !== `Bearer ${token}`) return refuse(res, recorded.unauthorized);
    if (!url.pathname.includes('/namespaces/shop/')) return refuse(res, recorded.forbidden);
    if (url.pathname.startsWith('/api/'))
      return void res.writeHead(200, { 'content-type': 'application/json' }).end(hold(core, 'core.v1.Service', recorded.service));
    if (query.get('labelSelector') !== 'kubernetes.io/service-name=orders') faults.push(`another selector: ${url.search}`);
    return query.get('watch') === 'true' ? watch(res, query) : list(res, query);
  };

  const listen = async (shown: Certificate, trusted: Certificate, port: number): Promise<Server> => {
    const server = createServer({ key: shown.key, cert: shown.cert }, answer);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    await writeFile(join(account, 'ca.crt'), trusted.cert);
    return server;
  };
  const close = (server: Server) =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  let server = await listen(certificate, authority, 0);
  bench.undo(() => close(server));
  const { port } = server.address() as AddressInfo;
  await writeFile(join(account, 'token'), token);
  await writeFile(join(account, 'namespace'), 'shop');

  return {
    url: `https://127.0.0.1:${port}`,
    account,
    requests,
    faults,
    put(slice) {
      const { name } = slice.metadata;
      slices.set(name, change(slices.has(name) ? 'MODIFIED' : 'ADDED', slice));
    },
    remove(name) {
      const slice = slices.get(name);
      slices.delete(name);
      if (slice) change('DELETED', slice);
    },
    bookmark() {
      version += 1;
      const { object } = recorded.bookmark;
      for (const { res } of watches)
        write(res, { type: 'BOOKMARK', object: { ...object, metadata: { resourceVersion: String(version) } } });
      return String(version);
    },
    endWatches() {
      for (const { res } of watches) res.end();
    },
    forget() {
      version += 1;
      [oldest, changes] = [version, []];
      for (const { res } of watches) {
        write(res, recorded.expired);
        res.end();
      }
    },
    token(next) {
      token = next;
    },
    async restart(shown, trusted) {
      await close(server);
      server = await listen(shown, trusted, port);
    },
  };
}
