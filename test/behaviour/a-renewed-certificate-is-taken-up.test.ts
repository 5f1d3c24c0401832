import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { type Certificate, certificateFolder } from '../support/certificates.ts';
import { open, type TestGateway } from '../support/gateways.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('a certificate that is renewed on disk', () => {
  const servers = serversOfThisSuite();
  const folder = certificateFolder();
  servers.defer(() => folder.remove());
  const at = (name: string) => join(folder.path, name);

  /** Writes the pair where the configuration has it. */
  const use = ({ certFile, keyFile }: Certificate) => {
    copyFileSync(at(keyFile), at('tls.key'));
    copyFileSync(at(certFile), at('tls.crt'));
  };
  const having = async (): Promise<TestGateway> => {
    const { url } = await servers.upstream();
    const tls = { cert: at('tls.crt'), key: at('tls.key') };
    return servers.public(open(url, { public: { listen: { tls } } }));
  };
  const connected = (port: number): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, servername: 'localhost', ALPNProtocols: ['http/1.1'] });
      socket.once('secureConnect', () => resolve(socket)).once('error', reject);
      servers.defer(() => socket.destroy());
    });
  const shown = async (port: number): Promise<string> => {
    const socket = await connected(port);
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  };
  const answer = (socket: TLSSocket): Promise<string> =>
    new Promise((resolve) => {
      socket.once('data', (data) => resolve(String(data).split('\r\n', 1)[0] ?? ''));
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    });

  it('is shown from the next connection on, by nobody’s call, and connections that are open stay', async () => {
    use(await folder.localhost());
    const gateway = await having();
    const [before, kept] = [await shown(gateway.port), await connected(gateway.port)];
    expect(await answer(kept)).to.equal('HTTP/1.1 200 OK');
    use(await folder.localhost());
    await eventually(
      () => shown(gateway.port),
      (fingerprint) => fingerprint !== before,
    );
    expect(await answer(kept)).to.equal('HTTP/1.1 200 OK');
    expect(gateway.reloading.status.changes[0]?.summary).to.deep.equal(['certificates']);
  });

  it('is left alone while it and its key do not fit, or are half there', async () => {
    const [one, other] = [await folder.localhost(), await folder.localhost()];
    use(one);
    const gateway = await having();
    const before = await shown(gateway.port);
    copyFileSync(at(other.certFile), at('tls.crt'));
    expect(await gateway.reloading.reload('signal')).to.have.property('ok', false);
    writeFileSync(at('tls.key'), other.key.slice(0, 100));
    expect(await gateway.reloading.reload('signal')).to.have.property('ok', false);
    expect(await shown(gateway.port)).to.equal(before);
    writeFileSync(at('tls.key'), other.key);
    expect(await gateway.reloading.reload('signal')).to.have.property('ok', true);
    expect(await shown(gateway.port)).to.not.equal(before);
  });
});
