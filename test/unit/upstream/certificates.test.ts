import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect } from 'chai';
import { ask } from '../../behaviour/support/ask.ts';
import { serversOfThisSuite } from '../../behaviour/support/servers.ts';
import { startTls } from '../../behaviour/support/tls-upstream.ts';
import { type Certificate, certificateFolder } from '../../support/certificates.ts';
import { open } from '../../support/gateways.ts';

describe('the certificate of an endpoint', () => {
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

  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const codeFor = async (name: string, host: string, headers: Record<string, string> = {}): Promise<unknown> => {
    const upstream = await startTls(await folder.issue(ca, 'x', [name]));
    servers.defer(() => upstream.close());
    const gateway = await servers.public(open(upstream.url.replace('127.0.0.1', host), { route: { upgrade: ['websocket'] } }));
    const answer = await ask(gateway.port, '/', { headers });
    return answer.status === 200 ? 'trusted' : answer.json()['code'];
  };

  it('is held against the address of an endpoint that is named by address', async () => {
    expect(await codeFor('IP:127.0.0.1', '127.0.0.1')).to.equal('trusted');
    expect(await codeFor('DNS:localhost', '127.0.0.1')).to.equal('certificate-error');
  });

  it('and against its name where it has one', async () => {
    expect(await codeFor('DNS:localhost', 'localhost')).to.equal('trusted');
    expect(await codeFor('DNS:other.example', 'localhost')).to.equal('certificate-error');
  });

  it('never against the Host of the client', async () => {
    expect(await codeFor('DNS:evil.example', '127.0.0.1', { host: 'evil.example' })).to.equal('certificate-error');
    expect(await codeFor('DNS:evil.example', 'localhost', { host: 'evil.example' })).to.equal('certificate-error');
  });

  it('all of it for upgrades too', async () => {
    // Which this service answers as if it had not been asked to.
    expect(await codeFor('IP:127.0.0.1', '127.0.0.1', upgrade)).to.equal('trusted');
    expect(await codeFor('DNS:localhost', '127.0.0.1', upgrade)).to.equal('certificate-error');
    expect(await codeFor('DNS:localhost', 'localhost', upgrade)).to.equal('trusted');
    expect(await codeFor('DNS:evil.example', 'localhost', { ...upgrade, host: 'evil.example' })).to.equal('certificate-error');
  });
});
