/** What a server that listens can take up from another configuration: new connections and requests go by it. */
import { Server as TlsServer } from 'node:tls';
import type { GatewayConfig } from '../config/schema/index.ts';
import { type AnyServer, http2Settings } from './listen.ts';
import type { TlsOptions } from './tls.ts';

/** @param tls what is another certificate than before; the same again would make clients begin their sessions anew */
export function takeUp(server: AnyServer, { limits }: Pick<GatewayConfig, 'limits'>, tls: TlsOptions | undefined): void {
  const { connections, headers, headersTimeout, requestTimeout } = limits;
  server.maxConnections = connections;
  Object.assign(server, { maxHeaderSize: headers, headersTimeout, requestTimeout });
  if ('updateSettings' in server) server.updateSettings(http2Settings(limits));
  if (tls && server instanceof TlsServer) server.setSecureContext(tls);
}
