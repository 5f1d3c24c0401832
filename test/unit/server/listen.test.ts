import { expect } from 'chai';
import type { GatewayConfig } from '../../../core/config/schema/index.ts';
import { createGatewayServer } from '../../../core/server/listen.ts';
import { certificateFolder } from '../../support/certificates.ts';

describe('the server of a gateway', () => {
  const folder = certificateFolder();
  after(() => folder.remove());

  it('closes a session of HTTP/2 that idles, after the time that HTTP/1 has', async () => {
    const { certFile: cert, keyFile: key } = await folder.localhost();
    const limits = { headers: 16_384, headersTimeout: 10_000, requestTimeout: 60_000, connections: 10, body: 0 };
    const settings = { limits, listen: { host: '127.0.0.1', port: 0, tls: { cert, key } } } as unknown as GatewayConfig;
    const server = createGatewayServer({ settings, directory: folder.path, handle: () => {}, onRefused: () => {} });
    const idle: [number, () => void][] = [];
    let closed = 0;
    server.emit('session', {
      setTimeout: (milliseconds: number, callback: () => void) => void idle.push([milliseconds, callback]),
      close: () => {
        closed += 1;
      },
    });
    expect(idle.map(([milliseconds]) => milliseconds)).to.deep.equal([65_000]);
    idle[0]?.[1]();
    expect(closed).to.equal(1);
  });
});
