/** Fields that concern one connection only (RFC 9110 section 7.6.1): stripped both ways, for nobody below does it. */
import { isNamed } from '../http1/fields.ts';

/** @param name in whatever case */
export function isHopByHop(name: string): boolean {
  switch (name.length) {
    case 2:
      return isNamed(name, 'te');
    case 7:
      return isNamed(name, 'upgrade');
    case 10:
      return isNamed(name, 'connection') || isNamed(name, 'keep-alive');
    case 14:
      return isNamed(name, 'http2-settings');
    case 16:
      return isNamed(name, 'proxy-connection');
    case 17:
      return isNamed(name, 'transfer-encoding');
    case 18:
      return isNamed(name, 'proxy-authenticate');
    case 19:
      return isNamed(name, 'proxy-authorization');
    default:
      return false;
  }
}

/** The names that a Connection field lists, in lower case; null in the ordinary case that it lists nothing of interest. */
export function listedInConnection(connection: string | undefined): ReadonlySet<string> | null {
  if (connection === undefined) return null;
  const value = connection.toLowerCase();
  if (value === 'keep-alive' || value === 'close' || value === 'upgrade') return null;
  return new Set(value.split(',').map((name) => name.trim()));
}
