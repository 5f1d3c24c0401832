/** Services that fail, each in a way of its own, and what their failure is called. */
import type { Certificate } from '../../support/certificates.ts';
import type { Servers } from './servers.ts';
import { startTls } from './tls-upstream.ts';

export interface Failing {
  readonly status: number;
  readonly code: string;
  readonly proxyError: string;
  /** In the chain of causes, where the system or the parser had a word to say. */
  readonly cause: RegExp | undefined;
  readonly service: { endpoints: string[]; timeouts?: object; retry: object };
}

export async function failingServices(servers: Servers, untrusted: Certificate): Promise<Record<string, Failing>> {
  const closed = 'http://127.0.0.1:1';
  const cutting = await servers.rawUpstream((socket) => socket.resetAndDestroy());
  const silent = await servers.rawUpstream(() => {});
  const lying = await servers.rawUpstream((socket) => socket.end('HTTP/1.1 999999 Never\r\n\r\n'));
  const large = await servers.rawUpstream((socket) => socket.end(`HTTP/1.1 200 OK\r\nX-Large: ${'x'.repeat(70_000)}\r\n\r\n`));
  const secure = await startTls(untrusted);
  servers.defer(() => secure.close());
  const notSecure = await servers.upstream();
  return {
    refused: failing(502, 'connection-refused', 'connection_refused', /ECONNREFUSED/, closed),
    reset: failing(502, 'connection-terminated', 'connection_terminated', /ECONNRESET|other side closed/, cutting.url),
    slow: {
      ...failing(504, 'attempt-timeout', 'http_response_timeout', undefined, silent.url),
      service: { endpoints: [silent.url], timeouts: { attempt: '50ms' }, ...once },
    },
    lying: failing(502, 'upstream-protocol-error', 'http_protocol_error', /./, lying.url),
    large: failing(502, 'response-headers-too-large', 'http_response_header_section_size', /./, large.url),
    untrusted: failing(502, 'certificate-error', 'tls_certificate_error', /self-signed|certificate/, secure.url),
    insecure: failing(502, 'tls-error', 'tls_protocol_error', /./, notSecure.url.replace('http:', 'https:')),
  };
}

const once = { retry: { attempts: 0 } };

function failing(status: number, code: string, proxyError: string, cause: RegExp | undefined, url: string): Failing {
  return { status, code, proxyError, cause, service: { endpoints: [url], ...once } };
}
