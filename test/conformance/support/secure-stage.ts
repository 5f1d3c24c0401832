/** A stage whose gateways speak TLS, and so HTTP/2, with clients for it. */
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import { type Certificate, certificateFolder } from '../../support/certificates.ts';
import type { TestGateway } from '../../support/gateways.ts';
import { type Stage, stage } from './stage.ts';
import { Wire } from './wire.ts';

export interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: IncomingHttpHeaders;
  readonly interim: IncomingHttpHeaders[];
}

export interface SecureStage extends Stage {
  /** A public gateway as `gateway` makes it, behind TLS. */
  secure(...given: Parameters<Stage['gateway']>): Promise<TestGateway>;
  session(gateway: TestGateway): Promise<ClientHttp2Session>;
  /** Sends one request in a session of its own. */
  ask(gateway: TestGateway, headers: OutgoingHttpHeaders, body?: string | Buffer): Promise<Answer>;
  /** A client that speaks HTTP/1.1 within TLS. */
  http1(gateway: TestGateway): Promise<Wire>;
}

/** Call it inside `describe`. */
export function secureStage(): SecureStage {
  const on = stage();
  const folder = certificateFolder();
  let certificate: Certificate;
  before(async () => {
    certificate = await folder.localhost();
  });
  after(() => folder.remove());

  const session = async ({ port }: TestGateway): Promise<ClientHttp2Session> => {
    const client = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    client.on('error', () => {});
    on.after(() => client.destroy());
    await once(client, 'connect');
    return client;
  };
  return {
    ...on,
    secure(upstream, more = {}) {
      const tls = { cert: certificate.certFile, key: certificate.keyFile };
      return on.gateway(upstream, { ...more, public: { listen: { tls }, ...more.public } }, { directory: folder.path });
    },
    session,
    async ask(gateway, headers, body) {
      const stream = (await session(gateway)).request(headers, { endStream: body === undefined });
      if (body !== undefined) stream.end(body);
      return answered(stream);
    },
    async http1({ port }) {
      const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
      on.after(() => socket.destroy());
      await once(socket, 'secureConnect');
      return new Wire(socket);
    },
  };
}

export async function answered(stream: ClientHttp2Stream): Promise<Answer> {
  const interim: IncomingHttpHeaders[] = [];
  let trailers: IncomingHttpHeaders = {};
  stream.on('headers', (headers) => interim.push(headers));
  stream.on('trailers', (headers) => {
    trailers = headers;
  });
  const [headers] = await once(stream, 'response');
  const body = Buffer.concat(await stream.toArray()).toString('latin1');
  return { headers, body, trailers, interim };
}
