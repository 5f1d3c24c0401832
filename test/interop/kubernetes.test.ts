/** Kubernetes: a Service's EndpointSlices by an API that is held against the OpenAPI documents Kubernetes publishes. */
import { writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { certificateFolder } from '../support/certificates.ts';
import { type ApiServer, type Slice, startApiServer } from './kubernetes/api-server.ts';
import { readOpenApi } from './kubernetes/openapi.ts';
import recorded from './kubernetes/recorded.json' with { type: 'json' };
import { openBench } from './support/bench.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { until } from './support/until.ts';

const [four, six, empty] = recorded.list.items as unknown as [Slice, Slice, Slice];

describe('a Service of Kubernetes', () => {
  const bench = openBench();
  const folder = certificateFolder();
  let api: ApiServer;
  let gateway: Gateway;
  let pods: readonly number[];
  let secure: number;
  /** Answers that the test itself will end. */
  const slow: ServerResponse[] = [];

  /** The recorded slice under another name, with one endpoint of this machine, on a port of its own. */
  const sliceOf = (name: string, port: number, more: object = {}, appProtocol = 'http'): Slice => {
    const recordedEndpoint = four.endpoints?.[0];
    return {
      ...four,
      metadata: { ...four.metadata, name },
      endpoints: [{ ...recordedEndpoint, addresses: ['127.0.0.1'], ...more }],
      ports: [
        { name: 'metrics', protocol: 'TCP', port: 9 },
        { name: 'main', protocol: 'TCP', port, appProtocol },
      ],
    };
  };

  before(async () => {
    bench.undo(() => folder.remove());
    const authority = await folder.authority('cluster');
    api = await startApiServer(bench, await folder.issue(authority, 'kube-apiserver', ['IP:127.0.0.1']), authority);
    const answering = (name: string) =>
      bench.listen(createServer((req, res) => void (req.url === '/orders?slowly' ? slow.push(res) : res.end(name))));
    pods = await Promise.all(['a', 'b', 'c'].map(answering));
    const { cert, key } = await folder.issue(authority, 'orders', ['DNS:orders.shop.svc']);
    secure = await bench.listen(createTlsServer({ cert, key }, (req, res) => void res.end(String((req.socket as TLSSocket).servername))));
    api.put(sliceOf('orders-a', pods[0] ?? 0));
    api.put(empty);
    api.put(sliceOf('orders-leaving', 9, { conditions: { ready: false, serving: true, terminating: true } }));
    api.put(sliceOf('orders-starting', 9, { conditions: { ready: false, serving: false, terminating: false } }));

    const service = (name: string, of: string) => `  ${name}: { registry: kubernetes, name: '${of}', balancer: roundRobin }\n`;
    const route = (name: string) =>
      `  - { name: ${name}, match: { path: /${name} }, service: ${name}, expose: { public: { access: anonymous } } }\n`;
    const file = await bench.file(
      'postern.yaml',
      `services:
${service('orders', 'orders:main')}${service('elsewhere', 'default/orders')}
routes:
${['orders', 'elsewhere'].map(route).join('')}
registry: { kubernetes: { api: '${api.url}', account: '${api.account}' } }
public: { listen: { host: 127.0.0.1, port: 0 }, admin: { host: 127.0.0.1, port: 0 }, drain: { grace: 0ms } }
`,
    );
    gateway = await startGateway(bench, 'public-gateway', file, { NODE_EXTRA_CA_CERTS: join(folder.path, authority.certFile) });
    await until('every first answer', async () => (await fetch(`${gateway.admin}/readyz`)).ok);
  });
  afterEach(() => expect(api.faults).to.deep.equal([]));
  after(() => bench.clear());

  const ask = async () => {
    const response = await fetch(`${gateway.url}/orders`);
    return response.ok ? response.text() : String(response.status);
  };
  /** Whom six requests reach. */
  const reached = async () => [...new Set([await ask(), await ask(), await ask(), await ask(), await ask(), await ask()])].sort().join();
  const told = (event: string) => gateway.records().filter((record) => record['event'] === event && record['service'] === 'orders');
  const asked = (which: 'list' | 'watch') =>
    api.requests.filter(
      ({ pathname, searchParams }) => /shop.endpointslices/.test(pathname) && searchParams.has('watch') === (which === 'watch'),
    );

  it('answers as recorded conform to the documents', () => {
    const discovery = readOpenApi('apis__discovery.k8s.io__v1_openapi.json');
    expect(discovery.faultsOf('discovery.v1.EndpointSliceList', recorded.list)).to.deep.equal([]);
    for (const status of [recorded.unauthorized, recorded.forbidden, recorded.expired.object, recorded.expiredPart])
      expect(discovery.faultsOf('meta.v1.Status', status)).to.deep.equal([]);
    expect(readOpenApi('api__v1_openapi.json').faultsOf('core.v1.Service', recorded.service)).to.deep.equal([]);
  });

  it('and the documents tell right from wrong', () => {
    const discovery = readOpenApi('apis__discovery.k8s.io__v1_openapi.json');
    const path = 'https://api/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices';
    const faults = (query: string, accept = 'application/json') => discovery.faultsOfRequest(new URL(`${path}${query}`), accept);
    expect(faults('?watch=true&limit=5&resourceVersion=7')).to.deep.equal([]);
    for (const query of ['?watch=perhaps', '?limit=many', '?follow=true', '/a/b']) expect(faults(query), query).to.have.length(1);
    expect(faults('', 'text/html')).to.have.length(1);
    expect(discovery.faultsOf('discovery.v1.EndpointSlice', { ...four, endpoints: [{ addresses: '10.0.0.1' }] })).to.have.length(1);
    expect(discovery.faultsOf('discovery.v1.EndpointSlice', { ...four, adressType: 'IPv4' })).to.have.length(1);
  });

  it('is listed in parts, and those are called who are ready', async () => {
    expect(asked('list').map(({ searchParams }) => searchParams.get('continue'))).to.deep.equal([null, '2']);
    expect(await reached()).to.equal('a');
  });

  it('is followed from where a watch was', async () => {
    api.put(sliceOf('orders-b', pods[1] ?? 0));
    await until('the second pod', async () => (await reached()) === 'a,b');
    api.remove('orders-a');
    await until('the second pod alone', async () => (await reached()) === 'b');
    const bookmark = api.bookmark();
    api.endWatches();
    await until('the next watch', () => asked('watch').at(-1)?.searchParams.get('resourceVersion') === bookmark);
    api.put(sliceOf('orders-a', pods[0] ?? 0));
    await until('both pods', async () => (await reached()) === 'a,b');
    expect(asked('list')).to.have.length(2);
  });

  it('is listed again when the server has forgotten where the watch was', async () => {
    const before = asked('list').length;
    api.forget();
    await until('another list', () => asked('list').length > before);
    api.remove('orders-a');
    await until('the second pod alone', async () => (await reached()) === 'b');
    expect(told('registry-failing')).to.deep.equal([]);
  });

  it('has each pod once, by the family that it prefers', async () => {
    const [pod] = four.endpoints ?? [];
    const { targetRef } = pod as { targetRef: object };
    api.put({ ...six, endpoints: [{ ...six.endpoints?.[0], addresses: ['::1'], targetRef }], ports: sliceOf('', 9).ports });
    const six9 = '[::1]:9';
    await until('the IPv6 address', () => told('endpoints-changed').some(({ joined }) => String(joined).includes(six9)));
    expect(api.requests.filter(({ pathname }) => pathname.endsWith('/services/orders'))).to.have.length(1);
    expect(told('endpoints-changed').at(-1)).to.include({ endpoints: 1 });
    api.remove(six.metadata.name);
    await until('the second pod alone', async () => (await reached()) === 'b');
  });

  it('is called by HTTPS under its own name where its port says so', async () => {
    api.put(sliceOf('orders-b', secure, {}, 'https'));
    await until('an answer by TLS', async () => (await reached()) === 'orders.shop.svc');
    api.put(sliceOf('orders-b', pods[1] ?? 0));
    await until('the second pod alone', async () => (await reached()) === 'b');
  });

  it('is asked for with the token of now, and by the authority of now', async () => {
    api.token('the second');
    api.endWatches();
    await until('the refusal to be told', () => told('registry-failing').some(({ why }) => String(why).endsWith('401: Unauthorized')));
    expect(await reached()).to.equal('b');
    await writeFile(join(api.account, 'token'), 'the second');
    await until('an answer', () => told('registry-answers').length === 1);

    const next = await folder.authority('next');
    await api.restart(await folder.issue(next, 'kube-apiserver', ['IP:127.0.0.1']), next);
    await until('the new server', () => told('registry-answers').length === 2);
    api.put(sliceOf('orders-c', pods[2] ?? 0));
    await until('the third pod', async () => (await reached()) === 'b,c');
  });

  it('has a pod that terminates finish what it has, and gives it no more', async () => {
    api.remove('orders-b');
    await until('the third pod alone', async () => (await reached()) === 'c');
    const underway = fetch(`${gateway.url}/orders?slowly`).then((response) => response.text());
    const [held] = await until('the request at the pod', () => slow.length > 0 && slow);
    api.put(sliceOf('orders-a', pods[0] ?? 0));
    api.put(sliceOf('orders-c', pods[2] ?? 0, { conditions: { ready: false, serving: true, terminating: true } }));
    await until('the first pod alone', async () => (await reached()) === 'a');
    held?.end('finished');
    expect(await underway).to.equal('finished');
    // Nobody else is left: those that still serve are called, as kube-proxy does.
    api.remove('orders-a');
    await until('the third pod again', async () => (await reached()) === 'c');
  });

  it('says what the account may not do', async () => {
    const text = await (await fetch(`${gateway.admin}/readyz?verbose`)).text();
    expect(text).to.contain('endpoints-of-elsewhere');
    const failing = gateway.records().find(({ event, service }) => event === 'registry-failing' && service === 'elsewhere');
    expect(failing?.['why']).to.contain('403: endpointslices.discovery.k8s.io is forbidden: User "system:serviceaccount:shop:postern"');
  });
});
