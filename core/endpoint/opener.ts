/** How a connection to an endpoint is begun, for requests and for checks alike, and whose certificate it must find there. */
import { isIP, type Socket } from 'node:net';
import { buildConnector } from 'undici';

/**
 * The name that the certificate of an endpoint must have, and that a connection asks for (SNI). Empty for an address, which is no
 * server name (RFC 6066 section 3): the certificate is then held against the address itself.
 *
 * @param hostname of the endpoint's URL
 * @param given by where the endpoint comes from, which may know its name where the URL has an address
 */
export function serverNameOf(hostname: string, given: string | undefined): string {
  const name = (given ?? hostname).replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return isIP(name) === 0 ? name : '';
}

/** @returns the socket that is connecting, which undici's types keep to themselves. @throws when it cannot even begin */
export type Open = (options: buildConnector.Options, callback: buildConnector.Callback) => Socket | undefined;

export function opener(serverName: string): Open {
  const connect = buildConnector({ timeout: 0, keepAlive: true, noDelay: true, allowH2: false });
  return ({ servername: _, ...options }, callback) =>
    connect(serverName === '' ? options : { ...options, servername: serverName }, callback) as unknown as Socket | undefined;
}
