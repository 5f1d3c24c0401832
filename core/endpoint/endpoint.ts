/** One address of a service: its connections and what is known of it now. The only mutable state behind a snapshot. */
import { Pool } from 'undici';
import { connector } from './connector.ts';

export interface EndpointOptions {
  url: URL;
  weight: number;
  zone: string | undefined;
  /** Milliseconds for a connection to open. */
  connectTimeout: number;
}

/** Below the keep-alive of common servers (node 5 s), so that a reused connection is rarely one that is just closing. */
const KEEP_ALIVE = 4_000;

export class Endpoint {
  readonly url: URL;
  /** `host:port`, the Host it is addressed by. */
  readonly authority: string;
  readonly hostname: string;
  readonly port: number;
  readonly weight: number;
  readonly zone: string | undefined;
  /** As the proxy engine takes it: parsed once, not at every request. */
  readonly target: { readonly protocol: string; readonly hostname: string; readonly port: number };
  readonly connectTimeout: number;
  readonly pool: Pool;
  /** Tries under way. */
  inFlight = 0;

  constructor({ url, weight, zone, connectTimeout }: EndpointOptions) {
    this.url = url;
    this.authority = url.host;
    this.hostname = url.hostname.replace(/^\[|\]$/g, '');
    this.port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
    this.target = { protocol: url.protocol, hostname: this.hostname, port: this.port };
    this.weight = weight;
    this.zone = zone;
    this.connectTimeout = connectTimeout;
    this.pool = new Pool(url.origin, {
      connect: connector(connectTimeout),
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE,
      // The timeout layer owns the wait for the first byte; undici's own timers are too coarse for it.
      headersTimeout: 0,
      maxHeaderSize: 64 * 1024,
      allowH2: false,
    });
  }

  /** Closes its connections once the tries under way are done. */
  async close(): Promise<void> {
    await this.pool.close();
  }
}

/** `ws` and `wss` name the same addresses as `http` and `https`. */
export function endpointUrl(text: string): URL {
  return new URL(text.replace(/^ws/, 'http'));
}
