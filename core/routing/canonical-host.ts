/** The one reading of a Host value (RFC 9110 section 7.2): what routes match on and what is forwarded cannot differ. */
import { isIPv6 } from 'node:net';
import { Problem } from '../problem.ts';

export interface CanonicalHost {
  /** Lower case, without a port and without the dot of a fully qualified name; an IPv6 address keeps its brackets. */
  readonly host: string;
  readonly port: number | undefined;
}

/** A gateway answers to a few names: those are remembered. Made-up names push them out at most once in this many. */
const REMEMBERED = 256;
const remembered = new Map<string, CanonicalHost>();

/**
 * Labels of letters, digits, hyphens and underscores: narrower than the `reg-name` of RFC 3986, whose other characters
 * (`%`, `,`, `;`, `'`) are in no host's name but in many an attack. An IP version 4 address is one of these too.
 */
const NAME = /^(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}$/;
const HOST_AND_PORT = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::([0-9]{0,5}))?$/;

/** Reads a Host value, or the authority of an absolute-form target; throws `invalid-host` for whatever is none. */
export function canonicalHost(value: string): CanonicalHost {
  const known = remembered.get(value);
  if (known !== undefined) return known;
  const host = read(value);
  if (remembered.size >= REMEMBERED) remembered.clear();
  remembered.set(value, host);
  return host;
}

function read(value: string): CanonicalHost {
  if (value.length > 261) throw new Problem('invalid-host');
  const parts = HOST_AND_PORT.exec(value.toLowerCase());
  if (parts === null) throw new Problem('invalid-host');
  const [, host = '', port = ''] = parts;
  const number = port === '' ? undefined : Number(port);
  if (number !== undefined && number > 65_535) throw new Problem('invalid-host');
  return { host: host.startsWith('[') ? address(host) : name(host), port: number };
}

function name(written: string): string {
  const host = written.endsWith('.') ? written.slice(0, -1) : written;
  if (host.length > 253 || !NAME.test(host)) throw new Problem('invalid-host');
  return host;
}

/** An address has many spellings (`[0:0::1]`, `[::1]`); the URL parser gives the one of RFC 5952. */
function address(bracketed: string): string {
  if (!isIPv6(bracketed.slice(1, -1))) throw new Problem('invalid-host');
  return new URL(`http://${bracketed}`).hostname;
}
