import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { ask } from '../../behaviour/support/ask.ts';
import { eventually } from '../../behaviour/support/eventually.ts';
import { serversOfThisSuite } from '../../behaviour/support/servers.ts';
import { type Certificate, certificateFolder } from '../../support/certificates.ts';
import { startDnsServer } from '../../support/dns-server.ts';
import { open } from '../../support/gateways.ts';

describe('the certificate of an endpoint that DNS has found', () => {
  const servers = serversOfThisSuite();
  const folder = certificateFolder();
  servers.defer(() => folder.remove());
  let ca: Certificate;
  const system = getCACertificates('default');
  before(async () => {
    ca = await folder.authority('inside');
    setDefaultCACertificates([...system, ca.cert]);
  });
  after(() => setDefaultCACertificates(system));

  /** A service at this address that says by what name it was asked for, and a gateway that finds it under another. */
  const found = async (certifiedName: string, name: (port: number) => string, service: object = {}) => {
    const { cert, key } = await folder.issue(ca, 'x', [certifiedName]);
    const requests: { url: string | undefined; sni: unknown; host: string | undefined }[] = [];
    const server = createServer({ cert, key }, (req, res) => {
      const request = { url: req.url, sni: (req.socket as TLSSocket).servername, host: req.headers.host };
      requests.push(request);
      res.end(JSON.stringify(request));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.defer(
      () =>
        new Promise((resolve) => {
          server.close(resolve);
          server.closeAllConnections();
        }),
    );
    const { port } = server.address() as AddressInfo;
    const dns = await startDnsServer();
    servers.defer(() => dns.close());
    dns.records.set('search.internal', ['127.0.0.1']);
    dns.records.set('target.internal', ['127.0.0.1']);
    for (const record of ['_https._tcp.search.internal', '_search._tcp.search.internal'])
      dns.records.set(record, [{ priority: 1, weight: 1, port, target: 'target.internal' }]);
    const text = name(port);
    const registry = text.includes('._tcp.') ? 'srv' : 'dns';
    const gateway = await servers.public({
      ...open('', { service: { endpoints: undefined, registry, name: text, ...service }, route: { upgrade: ['websocket'] } }),
      registry: { dns: { servers: [dns.address] } },
    });
    const answer = (headers: Record<string, string> = {}) =>
      eventually(
        () => ask(gateway.port, '/', { headers }),
        ({ status, body }) => status === 200 || !body.includes('no-endpoint'),
      );
    return { port, gateway, requests, answer, json: async (headers = {}) => (await answer(headers)).json() };
  };

  const names = {
    addresses: (port: number) => `https://search.internal:${port}`,
    'addresses of a name with a dot behind': (port: number) => `https://search.internal.:${port}`,
    'SRV records': () => '_https._tcp.search.internal',
    'SRV records of another protocol': () => 'https://_search._tcp.search.internal',
  };
  for (const [which, name] of Object.entries(names)) {
    it(`by ${which} is held against that name`, async () => {
      const right = await found('DNS:search.internal', name);
      expect((await right.json())['sni']).to.equal('search.internal');
      for (const other of ['IP:127.0.0.1', 'DNS:target.internal', 'DNS:shop.example']) {
        const wrong = await found(other, name);
        expect((await wrong.json())['code'], other).to.equal('certificate-error');
        expect(wrong.requests).to.have.length(0);
      }
    });
  }

  it('all of it for upgrades too', async () => {
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    // Which this service answers as if it had not been asked to.
    expect((await (await found('DNS:search.internal', names.addresses)).json(upgrade))['sni']).to.equal('search.internal');
    expect((await (await found('IP:127.0.0.1', names.addresses)).json(upgrade))['code']).to.equal('certificate-error');
  });

  it('and the Host of an endpoint is that name', async () => {
    const { port, json } = await found('DNS:search.internal', names.addresses, { host: 'endpoint' });
    expect(await json()).to.include({ host: `search.internal:${port}` });
  });

  it('and active checks ask for that name', async () => {
    const { port, requests } = await found('DNS:search.internal', names.addresses, { healthCheck: { path: '/health' } });
    const check = await eventually(
      () => requests.find(({ url }) => url === '/health'),
      (request) => request !== undefined,
    );
    expect(check).to.include({ sni: 'search.internal', host: `search.internal:${port}` });
  });
});
