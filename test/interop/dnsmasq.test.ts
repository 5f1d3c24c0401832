/** dnsmasq, Debian's: services found by A, AAAA and SRV records of a real DNS server, followed as they change and kept when it is gone. */
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { certificateFolder } from '../support/certificates.ts';
import { freePort, openBench } from './support/bench.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { accepting, type Program } from './support/program.ts';
import { until } from './support/until.ts';

describe('services by the records of dnsmasq', () => {
  const bench = openBench();
  let ports: [number, number];
  let dnsPort: number;
  let hosts: string;
  let dns: Program;
  let gateway: Gateway;

  before(async () => {
    const answering = (name: string) => bench.listen(createServer((_, res) => void res.end(name)));
    ports = [await answering('first'), await answering('second')];
    const folder = certificateFolder();
    bench.undo(() => folder.remove());
    const authority = await folder.authority('inside');
    const { cert, key } = await folder.issue(authority, 'search', ['DNS:search.internal']);
    const secure = await bench.listen(
      createTlsServer({ cert, key }, (req, res) => void res.end(`${(req.socket as TLSSocket).servername} by TLS`)),
    );
    dnsPort = await freePort();
    hosts = await bench.directory();
    await writeFile(join(hosts, 'hosts'), '127.0.0.1 search.internal\n127.0.0.1 moving.internal\n');
    const srv = (name: string, port: number, priority: number) => `--srv-host=${name},search.internal,${port},${priority},1`;
    dns = bench.start('/usr/sbin/dnsmasq', [
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--no-resolv',
      '--no-hosts',
      '--user=root',
      '--pid-file',
      '--listen-address=127.0.0.1',
      '--bind-interfaces',
      `--port=${dnsPort}`,
      `--hostsdir=${hosts}`,
      '--local=/internal/',
      srv('_http._tcp.both.internal', ports[0], 10),
      srv('_http._tcp.both.internal', ports[1], 10),
      srv('_http._tcp.spare.internal', ports[0], 20),
      srv('_http._tcp.spare.internal', ports[1], 10),
      srv('_https._tcp.search.internal', secure, 10),
      srv('_https._tcp.stranger.internal', secure, 10),
    ]);
    await accepting(dns, dnsPort);
    const service = (name: string, text: string) => `  ${name}: { refresh: 200ms, ${text} }\n`;
    const route = (name: string) =>
      `  - { name: ${name}, match: { path: /${name} }, service: ${name}, expose: { public: { access: anonymous } } }\n`;
    const file = await bench.file(
      'postern.yaml',
      `services:
${service('addresses', `registry: dns, name: 'search.internal:${ports[0]}'`)}
${service('moving', `registry: dns, name: 'moving.internal:${ports[0]}'`)}
${service('both', 'registry: srv, name: _http._tcp.both.internal, balancer: roundRobin')}
${service('spare', 'registry: srv, name: _http._tcp.spare.internal')}
${service('secure', `registry: dns, name: 'https://search.internal:${secure}'`)}
${service('secure-srv', 'registry: srv, name: _https._tcp.search.internal')}
${service('stranger', 'registry: srv, name: _https._tcp.stranger.internal')}
routes:
${['addresses', 'moving', 'both', 'spare', 'secure', 'secure-srv', 'stranger'].map(route).join('')}
registry: { dns: { servers: ['127.0.0.1:${dnsPort}'] } }
public: { listen: { host: 127.0.0.1, port: 0 }, admin: { host: 127.0.0.1, port: 0 }, drain: { grace: 0ms } }
`,
    );
    gateway = await startGateway(bench, 'public-gateway', file, { NODE_EXTRA_CA_CERTS: join(folder.path, authority.certFile) });
    await until('every first answer', async () => (await fetch(`${gateway.admin}/readyz`)).ok);
  });
  after(() => bench.clear());

  const ask = async (path: string) => {
    const response = await fetch(`${gateway.url}/${path}`);
    return response.ok ? response.text() : String(response.status);
  };
  const endpointsOf = async (service: string) => {
    const text = await (await fetch(`${gateway.admin}/metrics`)).text();
    return text
      .split('\n')
      .flatMap((line) => (line.startsWith('gateway_endpoint_health{') && line.includes(`="${service}"`) ? [line] : []))
      .flatMap((line) => /gateway_endpoint_address="([^"]+)"/.exec(line)?.[1] ?? []);
  };

  it('A records', async () => {
    expect(await ask('addresses')).to.equal('first');
  });

  it('SRV records: ports, and the lowest priority', async () => {
    expect(new Set([await ask('both'), await ask('both')])).to.deep.equal(new Set(['first', 'second']));
    for (let asked = 0; asked < 5; asked += 1) expect(await ask('spare')).to.equal('second');
  });

  it('HTTPS, held against the name that was asked for and no other', async () => {
    expect(await ask('secure')).to.equal('search.internal by TLS');
    expect(await ask('secure-srv')).to.equal('search.internal by TLS');
    const { status } = await fetch(`${gateway.url}/stranger`);
    expect(status).to.equal(502);
    const logged = await until('its line in the log', () => gateway.records().find((record) => record['path'] === '/stranger'));
    expect(JSON.stringify(logged)).to.contain('certificate-error');
  });

  it('follows the addresses, of both families', async () => {
    // dnsmasq watches the folder.
    await writeFile(join(hosts, 'more'), '127.0.0.2 moving.internal\n::1 moving.internal\n');
    const wanted = ['127.0.0.1', '127.0.0.2', '[::1]'].map((address) => `${address}:${ports[0]}`);
    await until('three addresses', async () => (await endpointsOf('moving')).sort().join() === wanted.sort().join());
  });

  it('keeps what it knows when dnsmasq is gone', async () => {
    await dns.stop();
    const told = await until('it to be told', async () => {
      const text = await (await fetch(`${gateway.admin}/readyz?verbose`)).text();
      return text.includes('endpoints-of-both ok (stale') ? text : undefined;
    });
    expect(told).to.match(/^ok$/m);
    expect(['first', 'second']).to.include(await ask('both'));
    expect(await ask('spare')).to.equal('second');
  });
});
