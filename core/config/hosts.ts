/** Hosts that stand for more than one machine has, or for none that others can call. */

/** Where to listen, but nowhere to call. */
export const isEveryAddress = (host: string): boolean => host === '0.0.0.0' || host === '::';

/** The machine itself, as each machine calls itself. */
export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');

/** The host of a URL, an IPv6 address without its brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');
