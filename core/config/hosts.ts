/** Hosts that stand for more than one machine has, or for none that others can call. */

/** Where to listen, but nowhere to call. */
export const isEveryAddress = (host: string): boolean => host === '0.0.0.0' || host === '::';

/** The machine itself, as each machine calls itself. */
export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');

/** As a URL has it: an IPv6 address in brackets. */
export const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** `host:port` by which who listens there is called on the same machine. */
export const calledHere = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  `${isEveryAddress(host) ? '127.0.0.1' : bracketed(host)}:${port}`;

/** The host of a URL, an IPv6 address without its brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');
