/** Every `format` of the schema: what it accepts in plain words, and what is wrong with a text that it does not. */
import { isIP } from 'node:net';
import { parseRange } from './cidr.ts';
import { filterReason } from './filter-names.ts';
import { isEveryAddress } from './hosts.ts';
import { partPathReason } from './part-path.ts';
import { pathPatternReason, pathTemplateReason } from './path-formats.ts';
import { stateReason } from './state-url.ts';
import { longestDuration, parseDuration, parsePercentage, parseRate, parseSize } from './units.ts';
import { dnsServerReason, endpointReason, originReason, plainUrlReason } from './url-formats.ts';

export interface Format {
  /** Completes "must be ...". */
  readonly accepts: string;
  /** The same for editors, as a regular expression; looser where one cannot say it all. */
  readonly pattern?: string;
  /** What is wrong, or null when nothing is. An empty reason says no more than `accepts` does. */
  wrong(text: string): string | null;
  /** What was probably meant. */
  meant?(text: string): string | undefined;
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const authority = /^(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;
const known = (parsed: unknown): string | null => (parsed === null ? '' : null);

function regexReason(source: string): string | null {
  try {
    // By code point, as routing/expression.ts compiles it.
    new RegExp(source, 'u');
    return null;
  } catch (problem) {
    return problem instanceof Error
      ? problem.message
          .replace(/^Invalid regular expression: /, '')
          .replace(/^\/.*\/u: /s, '')
          .toLowerCase()
      : 'it does not compile';
  }
}

function hostReason(text: string): string | null {
  if (text === '*') return null;
  const host = text.startsWith('*.') ? text.slice(2) : text;
  if (/^\[[0-9A-Fa-f:.]+\]$/.test(text)) return null;
  if (text.includes('://') || text.includes('/')) return 'a host name has no scheme and no path';
  if (/:\d*$/.test(text)) return 'hosts are named without a port';
  if (host.includes('*')) return 'only the whole first label may be *, as in *.example.com';
  const labels = host.split('.');
  return host.length <= 253 && labels.every((label) => /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label)) ? null : '';
}

export const formats: Readonly<Record<string, Format>> = {
  duration: {
    accepts: 'a duration such as 250ms, 2s, 1m or 1h',
    pattern: '^\\d+(\\.\\d+)?(ms|s|m|h)$',
    wrong: (text) => {
      if (parseDuration(text) !== null) return null;
      return /^\d+(ms|s|m|h)$/.test(text) ? `at most ${Math.floor(longestDuration / 3_600_000)}h` : '';
    },
    meant: (text) => {
      const [, amount, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(text) ?? [];
      const short = {
        ms: 'ms',
        milliseconds: 'ms',
        s: 's',
        sec: 's',
        secs: 's',
        second: 's',
        seconds: 's',
        m: 'm',
        min: 'm',
        mins: 'm',
        minute: 'm',
        minutes: 'm',
        h: 'h',
        hour: 'h',
        hours: 'h',
      }[unit.toLowerCase()];
      return amount === undefined || short === undefined ? undefined : `${amount}${short}`;
    },
  },
  size: {
    accepts: 'a size such as 512B, 16KiB, 1MiB or 1GiB',
    pattern: '^\\d+(\\.\\d+)?(B|KiB|MiB|GiB)$',
    wrong: (text) => known(parseSize(text)),
    meant: (text) => {
      const [, amount, unit] = /^\s*(\d+(?:\.\d+)?)\s*([kmg])(?:i?b)?\s*$/i.exec(text) ?? [];
      return amount === undefined || unit === undefined ? undefined : `${amount}${unit.toUpperCase()}iB`;
    },
  },
  rate: {
    accepts: 'a rate such as 100/s, 20/m or 1000/h',
    pattern: '^[1-9]\\d*/(s|m|h)$',
    wrong: (text) => known(parseRate(text)),
    meant: (text) => {
      const [, amount, unit] = /^\s*(\d+)\s*(?:\/|per|r\/)\s*(s|m|h)[a-z]*\s*$/i.exec(text) ?? [];
      return amount === undefined || unit === undefined || Number(amount) === 0 ? undefined : `${amount}/${unit.toLowerCase()}`;
    },
  },
  percentage: {
    accepts: 'a percentage from 0% to 100%',
    pattern: '^\\d+(\\.\\d+)?%$',
    wrong: (text) => known(parsePercentage(text)),
  },
  'endpoint-url': {
    accepts: 'a URL such as http://10.0.0.7:8080 (http, https, ws or wss; a host and a port, no path)',
    pattern: '^(https?|wss?)://[^/?#@\\s]+/?$',
    wrong: endpointReason,
  },
  'http-url': { accepts: 'an http or https URL', pattern: '^https?://\\S+$', wrong: plainUrlReason },
  origin: {
    accepts: '* or an origin such as https://shop.example.com',
    pattern: '^(\\*|[a-z][a-z0-9+.-]*://[^/?#@\\s]+)$',
    wrong: originReason,
  },
  'path-pattern': {
    accepts: 'a path such as /orders/{id}, or ~ and a regular expression',
    pattern: '^[/~]',
    wrong: (text) => (text.startsWith('~') ? regexReason(text.slice(1)) : pathPatternReason(text)),
  },
  'path-prefix': { accepts: 'a path such as /orders', pattern: '^/[^?#\\s]*$', wrong: pathPatternReason },
  'path-template': { accepts: 'a path such as /orders or /users/{id}', pattern: '^/[^?#\\s]*$', wrong: pathTemplateReason },
  'part-path': { accepts: 'a path such as /users/{id} or /orders?user={id}', pattern: '^/[^#\\s]*$', wrong: partPathReason },
  expression: { accepts: 'a regular expression', wrong: regexReason },
  filter: {
    accepts: 'a filter that needs no options (secureHeaders, compress, rewriteLocation), or a module such as ./filters/audit.ts',
    pattern: '^(secureHeaders|compress|rewriteLocation|\\.{0,2}/.+)$',
    wrong: filterReason,
  },
  'host-pattern': {
    accepts: 'a host name such as shop.example.com or *.example.com',
    pattern: '^\\*$|^(\\*\\.)?[A-Za-z0-9_.-]+$|^\\[[0-9A-Fa-f:.]+\\]$',
    wrong: hostReason,
  },
  'called-host': {
    accepts: 'a host name or an address such as gateway.internal, 10.0.0.7 or fd00::7',
    pattern: '^[A-Za-z0-9_.:-]+$',
    wrong: (text) => {
      if (isEveryAddress(text)) return 'that is every address, which nobody can call';
      return isIP(text) !== 0 ? null : text.includes('*') ? '' : hostReason(text);
    },
  },
  authority: {
    accepts: 'a host and a port such as 10.0.0.7:8080 or [fd00::7]:8080',
    pattern: authority.source,
    wrong: (text) => (authority.test(text) ? null : ''),
  },
  'value-pattern': {
    accepts: 'a value, or ~ and a regular expression',
    wrong: (text) => (text.startsWith('~') ? regexReason(text.slice(1)) : null),
  },
  cidr: {
    accepts: 'an address or a range such as 10.0.0.0/8, 127.0.0.1 or fd00::/64',
    pattern: '^[0-9A-Fa-f:.]+(/\\d{1,3})?$',
    wrong: (text) => {
      const range = parseRange(text);
      return typeof range === 'string' ? range : null;
    },
  },
  'dns-server': {
    accepts: 'an address, perhaps with a port, such as 10.0.0.2, 127.0.0.1:5353 or [::1]:53',
    pattern: '^(\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9A-Fa-f:.]+\\])(:\\d{1,5})?$|^[0-9A-Fa-f:.]+$',
    wrong: dnsServerReason,
  },
  state: {
    accepts: 'memory, or the URL of a Redis such as redis://redis:6379 (redis or rediss)',
    pattern: '^(memory|rediss?://\\S+)$',
    wrong: stateReason,
  },
  method: {
    accepts: 'a method in capitals such as GET',
    pattern: '^[A-Z][A-Z-]*$',
    wrong: (text) => (/^[A-Z][A-Z-]*$/.test(text) ? null : ''),
    meant: (text) => (/^[a-z-]+$/i.test(text) ? text.toUpperCase() : undefined),
  },
  token: {
    accepts: "a name without spaces or separators (letters, digits and !#$%&'*+-.^_`|~)",
    pattern: token.source,
    wrong: (text) => (token.test(text) ? null : ''),
  },
};
