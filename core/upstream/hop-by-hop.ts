/** Fields that concern one connection only (RFC 9110 section 7.6.1): stripped both ways, for nobody below does it. */

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  'proxy-authenticate',
  'proxy-authorization',
  'http2-settings',
]);

export function isHopByHop(lowerName: string): boolean {
  return HOP_BY_HOP.has(lowerName);
}

/** The names that a Connection field lists, in lower case; null in the ordinary case that it lists nothing of interest. */
export function listedInConnection(connection: string | undefined): ReadonlySet<string> | null {
  if (connection === undefined) return null;
  const value = connection.toLowerCase();
  if (value === 'keep-alive' || value === 'close' || value === 'upgrade') return null;
  return new Set(value.split(',').map((name) => name.trim()));
}
