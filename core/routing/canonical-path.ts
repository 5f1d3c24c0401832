/**
 * The one reading of a request target. It is made once a request, and matching, authorization and forwarding all use it:
 * no two parts of the gateway, nor the service behind it, can disagree about which path was asked for (CVE-2019-9901,
 * CVE-2021-29492, CVE-2021-27306, GHSA-6jwx-7vp4-9847).
 */
import { Problem } from '../problem.ts';
import { canonicalElements } from './canonical-elements.ts';
import { canonicalHost } from './canonical-host.ts';

export { type CanonicalHost, canonicalHost } from './canonical-host.ts';

export interface CanonicalTarget {
  /** Starts with `/`; holds no dot segment, no empty element but a trailing one, and only escapes that must be escapes. */
  readonly path: string;
  /** Without the question mark, as the client wrote it; empty without a query. */
  readonly query: string;
  /** Of an absolute-form target: it replaces the Host field (RFC 9112 section 3.2.2). */
  readonly authority?: string | undefined;
}

/**
 * A target that is canonical as it stands: elements that neither start with a dot nor are empty, of characters RFC 3986
 * allows, without escapes. Every position can go on in one way only, so the test is linear for any input.
 */
const ORDINARY = /^(?:\/[\w~!$&'()*+,;=:@-][\w.~!$&'()*+,;=:@-]*)*\/?(?:\?[!"$-~]*)?$/;

/**
 * Reads a request target (RFC 9112 section 3.2) into its canonical form, or refuses it:
 *
 * - Plain `.` and `..` elements are resolved (RFC 3986 section 5.2.4), as nginx does and as Envoy does with
 *   `normalize_path`; above the root they are refused.
 * - The same elements written with escapes, once or several times over, or with a path parameter (`/..;/`), are refused:
 *   no honest client writes them, and the readers behind a gateway disagree about them.
 * - Empty elements are merged, as nginx does: joining `base + '/' + path` carelessly is too common to refuse, and a
 *   service that merges slashes would serve `//p` under the rules of another path. Together with `..`, where readers
 *   differ in what is taken away, they are refused.
 * - An encoded slash, an encoded or plain backslash, encoded control characters and escapes that are not UTF-8 are refused.
 * - Escapes of unreserved characters are decoded, the others' digits upper-cased (RFC 3986 section 6.2.2); characters that
 *   should have been escaped are.
 * - The query is passed on as it is. Control characters, spaces, bytes beyond ASCII and fragments are refused everywhere.
 *
 * Reading a canonical path again gives the same path. Letter case counts, as does a trailing slash.
 */
export function canonicalTarget(rawTarget: string): CanonicalTarget {
  if (rawTarget.charCodeAt(0) !== 0x2f) return otherForm(rawTarget);
  return ORDINARY.test(rawTarget) ? split(rawTarget) : originForm(rawTarget);
}

function split(target: string): CanonicalTarget {
  const mark = target.indexOf('?');
  if (mark === -1) return { path: target, query: '', authority: undefined };
  return { path: target.slice(0, mark), query: target.slice(mark + 1), authority: undefined };
}

function originForm(target: string): CanonicalTarget {
  if (target.includes('#')) throw new Problem('bad-request', { detail: 'A request target has no fragment.' });
  if (/[^!-~]/.test(target))
    throw new Problem('bad-request', { detail: 'The request target holds a character that must be percent-encoded.' });
  const { path, query } = split(target);
  return { path: canonicalElements(path), query, authority: undefined };
}

function otherForm(target: string): CanonicalTarget {
  const absolute = /^https?:\/\/([^/?#]*)/i.exec(target);
  if (absolute === null) throw unknownForm(target);
  const [start, authority = ''] = absolute;
  // RFC 9110 section 4.2.4: userinfo only serves to mislead about the host.
  if (authority.includes('@')) throw new Problem('bad-request', { detail: 'A request target has no userinfo.' });
  canonicalHost(authority);
  const rest = target.slice(start.length);
  return { ...canonicalTarget(rest.startsWith('/') ? rest : `/${rest}`), authority: authority.toLowerCase() };
}

function unknownForm(target: string): Problem {
  if (target === '*') return new Problem('not-implemented', { detail: 'The gateway takes no requests for itself (`*`).' });
  if (/^[^/?#@]+:\d+$/.test(target)) return new Problem('not-implemented', { detail: 'The gateway is no tunnel (CONNECT).' });
  return new Problem('bad-request', { detail: 'The request target is neither a path nor an http or https URL.' });
}
