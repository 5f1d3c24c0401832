import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { Agent, type RequestOptions, request } from 'node:https';
import { expect } from 'chai';
import { type Certificate, certificateFolder } from '../support/certificates.ts';
import type { TestGateway } from '../support/gateways.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('With mutual TLS a caller is known by the name in its certificate', () => {
  const servers = serversOfThisSuite();
  const folder = certificateFolder();
  servers.defer(() => folder.remove());
  let ca: Certificate;
  let gateway: TestGateway;

  before(async () => {
    ca = await folder.authority('inside');
    const server = await folder.issue(ca, 'gateway', ['IP:127.0.0.1']);
    const upstream = await servers.upstream();
    const callers = {
      orders: { certificate: 'orders.inside' },
      billing: { certificate: 'billing.inside', from: ['127.0.0.2'] },
      named: { certificate: 'only-a-common-name' },
    };
    gateway = await servers.private(
      {
        services: { upstream: { endpoints: [upstream.url] } },
        routes: [{ name: 'all', match: { pathPrefix: '/' }, service: 'upstream', expose: { private: { callers: Object.keys(callers) } } }],
        private: { callers, listen: { tls: { cert: server.certFile, key: server.keyFile, clientCa: ca.certFile } } },
      },
      { directory: folder.path },
    );
  });

  const whoIs = async (client: Promise<Certificate> | undefined, options: RequestOptions = {}): Promise<string> => {
    const known = await client;
    const identity = known && { cert: known.cert, key: known.key };
    return new Promise((resolve, reject) => {
      const sent = request(gateway.url, { ca: ca.cert, agent: false, ...identity, ...options }, async (answer) => {
        const { headers, code } = JSON.parse(Buffer.concat(await answer.toArray()).toString());
        resolve(answer.statusCode === 200 ? headers['x-gateway-caller'] : code);
      });
      sent.on('error', reject).end();
    });
  };
  const refusal = (client: Promise<Certificate> | undefined) =>
    whoIs(client).then(
      () => 'answered',
      (error: NodeJS.ErrnoException) => error.code,
    );

  it('by a DNS name, whichever of several it is and however it is spelled', async () => {
    expect(await whoIs(folder.issue(ca, 'x', ['DNS:orders.inside']))).to.equal('orders');
    expect(await whoIs(folder.issue(ca, 'x', ['DNS:a.inside', 'IP:10.0.0.1', 'DNS:Orders.Inside']))).to.equal('orders');
  });

  it('by its common name only when it has no DNS name', async () => {
    expect(await whoIs(folder.issue(ca, 'only-a-common-name'))).to.equal('named');
    expect(await whoIs(folder.issue(ca, 'orders.inside', ['DNS:other.inside']))).to.equal('unknown-caller');
  });

  it('a name inside another name is not a name', async () => {
    expect(await whoIs(folder.issue(ca, 'x', ['URI:urn:a, DNS:orders.inside, b']))).to.equal('unknown-caller');
    expect(await whoIs(folder.issue(ca, 'x', ['DNS:a, DNS:orders.inside, DNS:b']))).to.equal('unknown-caller');
    expect(await whoIs(folder.issue(ca, 'x', ['DNS:not-orders.inside']))).to.equal('unknown-caller');
  });

  it('with addresses too, both must hold', async () => {
    const billing = folder.issue(ca, 'x', ['DNS:billing.inside']);
    expect(await whoIs(billing, { localAddress: '127.0.0.2' })).to.equal('billing');
    expect(await whoIs(billing, { localAddress: '127.0.0.3' })).to.equal('unknown-caller');
  });

  it('a certificate that another authority signed, or none, gets no answer at all', async () => {
    const stranger = folder.issue(await folder.authority('elsewhere'), 'x', ['DNS:orders.inside']);
    expect(await refusal(stranger)).to.be.oneOf([
      'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
      'ERR_SSL_TLSV13_ALERT_UNKNOWN_CA',
      'ECONNRESET',
      'EPIPE',
    ]);
    expect(await refusal(undefined)).to.be.oneOf(['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'ECONNRESET', 'EPIPE']);
  });

  it('a resumed session is still the same caller', async () => {
    const agent = new Agent({ maxCachedSessions: 10 });
    const orders = folder.issue(ca, 'x', ['DNS:orders.inside']);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
      for (const _ of [1, 2, 3]) expect(await whoIs(orders, { agent, minVersion: version, maxVersion: version })).to.equal('orders');
    agent.destroy();
  });

  it('over HTTP/2 as over HTTP/1.1', async () => {
    const { cert, key } = await folder.issue(ca, 'x', ['DNS:orders.inside']);
    const session = connectHttp2(gateway.url, { ca: ca.cert, cert, key });
    const stream = session.request({ ':path': '/' });
    const [status, body] = await Promise.all([
      new Promise((resolve) =>
        stream.once('response', (headers: IncomingHttpHeaders & { ':status'?: number }) => resolve(headers[':status'])),
      ),
      stream.toArray(),
    ]);
    session.close();
    expect(status).to.equal(200);
    expect(JSON.parse(Buffer.concat(body).toString()).headers['x-gateway-caller']).to.equal('orders');
  });
});
