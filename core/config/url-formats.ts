/** The URLs a configuration may hold: an endpoint, any http URL, an origin, the address of a DNS server. Each says what is wrong, or null. */
import { isIP } from 'node:net';

function parsed(text: string): URL | null {
  // URL takes `http:host` and trims spaces; a configuration should say what it means.
  return /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^\s]+$/.test(text) ? URL.parse(text) : null;
}

/** Credentials would end up in logs and metrics. */
const hasCredentials = (url: URL): boolean => url.username !== '' || url.password !== '';

export function endpointReason(text: string): string | null {
  const url = parsed(text);
  if (url === null) return '';
  if (!['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol))
    return `${url.protocol.slice(0, -1)} is not a protocol the gateway speaks`;
  if (hasCredentials(url)) return 'credentials have no place in an endpoint';
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(text)) return 'an endpoint has no query and no fragment';
  if (url.pathname !== '/') return 'an endpoint has no path; use rewrite.prefixPath on the route';
  return url.port === '0' ? 'port 0 cannot be called' : null;
}

export function plainUrlReason(text: string): string | null {
  const url = parsed(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return '';
  if (hasCredentials(url)) return 'credentials have no place in a URL';
  return url.hash === '' ? null : 'a fragment is never sent';
}

export function originReason(text: string): string | null {
  if (text === '*') return null;
  if (text === 'null') return 'null is the origin of every sandboxed page and file, so of anybody';
  if (text.includes('*')) return '* stands alone, for every origin';
  const url = parsed(text);
  if (url === null) return '';
  if (hasCredentials(url) || !/^[^:]+:\/\/[^/?#]+$/.test(text)) return 'an origin is a scheme, a host and perhaps a port, nothing after it';
  // Browsers send origins in one form only; another form would never match.
  return url.origin === 'null' || url.origin === text ? null : `browsers write it ${url.origin}`;
}

/** Names would need a DNS server to be found. */
export function dnsServerReason(text: string): string | null {
  if (isIP(text) !== 0) return null;
  const [, six, four, port = '53'] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? [];
  if (isIP(six ?? '') !== 6 && isIP(four ?? '') !== 4) return 'a DNS server is named by its address';
  return Number(port) >= 1 && Number(port) <= 65535 ? null : 'a port is a number from 1 to 65535';
}
