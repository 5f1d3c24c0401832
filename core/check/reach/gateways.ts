/** What opens a gateway as a whole: who counts as a user or a caller, from where it is reached, which pages may call. */
import { isIPv4 } from 'node:net';
import { contains, parseRange, type Range } from '../../config/cidr.ts';
import type { Path } from '../../config/finding.ts';
import { isEveryAddress, isLoopback } from '../../config/hosts.ts';
import type { Config, CorsConfig, JwtConfig } from '../../config/schema/index.ts';

export interface Opening {
  readonly gateway: 'public' | 'private';
  readonly place: Path;
  readonly who: string;
  readonly says: string;
}

export function openings(before: Config, after: Config): readonly Opening[] {
  return [
    ...users(before.public.jwt, after.public.jwt),
    ...pages(before.public.cors, after.public.cors),
    ...authorities(before, after),
    ...registrants(before, after),
    ...(['public', 'private'] as const).flatMap((gateway) => [
      ...listening(gateway, before, after),
      ...proxies(gateway, before, after),
      ...debugging(gateway, before, after),
    ]),
  ];
}

/** Whose tokens are taken, and where they are looked for. */
function users(before: JwtConfig | undefined, after: JwtConfig | undefined): Opening[] {
  if (after === undefined) return [];
  const door = (key: string, says: string): Opening => ({ gateway: 'public', place: ['public', 'jwt', key], who: 'any user', says });
  if (before === undefined) return [door('issuer', `tokens of ${after.issuer} are taken, and before nobody was a user`)];
  const changed = (['issuer', 'audience', 'jwks', 'publicKey', 'secret'] as const).filter(
    (key) => after[key] !== undefined && after[key] !== before[key],
  );
  const from = after.from.filter((one) => !before.from.some((other) => JSON.stringify(one) === JSON.stringify(other)));
  const algorithms = after.algorithms.filter((one) => !before.algorithms.includes(one));
  return [
    ...changed.map((key) => door(key, `other tokens are taken: ${key} is another one`)),
    ...(algorithms.length === 0 ? [] : [door('algorithms', `tokens signed with ${algorithms.join(', ')} are taken too`)]),
    ...(from.length === 0 ? [] : [door('from', `tokens are taken from ${from.map(nameOf).join(', ')} too`)]),
    ...(after.clockTolerance > before.clockTolerance ? [door('clockTolerance', 'expired tokens are taken for longer')] : []),
  ];
}

const nameOf = (from: JwtConfig['from'][number]): string => (from === 'bearer' ? 'the Authorization field' : `the cookie ${from.cookie}`);

function pages(before: CorsConfig | undefined, after: CorsConfig | undefined): Opening[] {
  const door = (key: string | undefined, says: string): Opening => ({
    gateway: 'public',
    place: ['public', ...(key === undefined ? [] : ['cors', key])],
    who: 'pages of other origins',
    says,
  });
  if (after === undefined)
    return before === undefined ? [] : [door(undefined, 'what services say of other origins is no longer held back')];
  const origins = after.origins.filter((origin) => !before?.origins.includes(origin));
  const methods = before === undefined ? [] : after.methods.filter((method) => !before.methods.includes(method));
  const headers = before?.headers === undefined ? [] : (after.headers?.filter((name) => !before.headers?.includes(name)) ?? ['any']);
  const exposed = before === undefined ? [] : after.exposeHeaders.filter((name) => !before.exposeHeaders.includes(name));
  return [
    ...(origins.length === 0 ? [] : [door('origins', `pages of ${origins.join(', ')} may call`)]),
    ...(methods.length === 0 ? [] : [door('methods', `pages may ask with ${methods.join(', ')} too`)]),
    ...(headers.length === 0 ? [] : [door('headers', `pages may send ${headers.join(', ')} too`)]),
    ...(exposed.length === 0 ? [] : [door('exposeHeaders', `pages may read ${exposed.join(', ')} too`)]),
    ...(after.credentials && before?.credentials === false ? [door('credentials', 'pages may send the cookies of users')] : []),
  ];
}

/** Who signs the certificates of callers. Without any before, their callers are seen to be new one by one. */
function authorities(before: Config, after: Config): Opening[] {
  const [then, now] = [before, after].map(({ private: { listen } }) => listen.tls?.clientCa);
  if (then === undefined || now === undefined || then === now) return [];
  return [
    { gateway: 'private', place: ['private', 'listen', 'tls', 'clientCa'], who: 'callers with a certificate', says: 'others sign them' },
  ];
}

/** Callers that are known by their address alone may register instances, and peers that are named by it may replicate them. */
function registrants(before: Config, after: Config): Opening[] {
  const [then, now] = [before, after].map(({ registry, private: { callers } }) =>
    registry.embedded === undefined
      ? []
      : rangesIn(Object.values(callers).flatMap(({ from = [], certificate }) => (certificate === undefined ? from : []))),
  );
  const more = beyond(then ?? [], now ?? []);
  const door = (who: string, says: string, key?: string): Opening => ({
    gateway: 'private',
    place: ['registry', 'embedded', ...(key === undefined ? [] : [key])],
    who,
    says,
  });
  const [old, fresh] = [before.registry.embedded, after.registry.embedded];
  const peers = (fresh?.peers ?? []).filter((peer) => !old?.peers.includes(peer));
  return [
    ...(more.length === 0 ? [] : [door(more.join(', '), 'may register with the embedded registry')]),
    ...(peers.length === 0 ? [] : [door(peers.join(', '), 'may replicate with the embedded registry', 'peers')]),
    ...(old && fresh && isWider(old.host, fresh.host)
      ? [door(`whoever reaches ${fresh.host}`, `the embedded registry listens on ${fresh.host}, not on ${old.host}`, 'host')]
      : []),
  ];
}

const rangesIn = (texts: readonly string[]): readonly Range[] =>
  texts.flatMap((text) => {
    const range = parseRange(text);
    return typeof range === 'string' ? [] : [range];
  });

/** Those of the second that are in none of the first. */
const beyond = (before: readonly Range[], after: readonly Range[]): readonly string[] =>
  after.flatMap((range) => (before.some((other) => contains(other, range)) ? [] : [range.canonical]));

function listening(gateway: Opening['gateway'], before: Config, after: Config): Opening[] {
  return (['listen', 'admin'] as const).flatMap((key): Opening[] => {
    const [then, now] = [before[gateway][key].host, after[gateway][key].host];
    if (!isWider(then, now)) return [];
    const what = key === 'admin' ? 'the admin port' : 'the gateway';
    return [{ gateway, place: [gateway, key, 'host'], who: `whoever reaches ${now}`, says: `${what} listens on ${now}, not on ${then}` }];
  });
}

/** Whether others reach the one address who do not reach the other: `::` is every address, `0.0.0.0` every one of IPv4. */
function isWider(before: string, after: string): boolean {
  if (before === after || isLoopback(after) || before === '::') return false;
  return !(isEveryAddress(before) && isIPv4(after));
}

/**
 * Who is believed about where a request came from can be any caller. Who is no longer believed is a client itself, and all that it
 * passes on comes from its own address: that matters where the address is that of a caller, or may see what filters do.
 */
function proxies(gateway: Opening['gateway'], before: Config, after: Config): Opening[] {
  const [then, now] = [before, after].map((config) => rangesIn(config[gateway].trustedProxies));
  const more = beyond(then ?? [], now ?? []);
  const known = rangesIn([
    ...(gateway === 'private' ? Object.values(after.private.callers).flatMap(({ from }) => from ?? EVERYWHERE) : []),
    ...after[gateway].debug,
  ]);
  const gone = (then ?? []).filter(
    (range) => !now?.some((other) => contains(other, range)) && known.some((other) => contains(other, range) || contains(range, other)),
  );
  const door = (who: string, says: string): Opening => ({ gateway, place: [gateway, 'trustedProxies'], who, says });
  return [
    ...(more.length === 0 ? [] : [door(more.join(', '), 'is believed about the address of its clients')]),
    ...(gone.length === 0
      ? []
      : [
          door(
            `clients of ${gone.map(({ canonical }) => canonical).join(', ')}`,
            'count as the proxy itself, which is a caller or sees filters',
          ),
        ]),
  ];
}

const EVERYWHERE = ['0.0.0.0/0', '::/0'];

/** Who is told which filters ran. */
function debugging(gateway: Opening['gateway'], before: Config, after: Config): Opening[] {
  const more = beyond(rangesIn(before[gateway].debug), rangesIn(after[gateway].debug));
  return more.length === 0 ? [] : [{ gateway, place: [gateway, 'debug'], who: more.join(', '), says: 'is told which filters ran' }];
}
