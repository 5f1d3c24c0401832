/** What opens a gateway as a whole: who counts as a user or a caller, from where it is reached, which pages may call. */
import { contains, parseRange } from '../../config/cidr.ts';
import type { Path } from '../../config/finding.ts';
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
    ...(['public', 'private'] as const).flatMap((gateway) => [...listening(gateway, before, after), ...proxies(gateway, before, after)]),
  ];
}

/** Whose tokens are taken, and where they are looked for. */
function users(before: JwtConfig | undefined, after: JwtConfig | undefined): Opening[] {
  if (before === undefined || after === undefined) return [];
  const door = (key: string, says: string): Opening => ({ gateway: 'public', place: ['public', 'jwt', key], who: 'any user', says });
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
  if (after === undefined) return [];
  const door = (key: string, says: string): Opening => ({
    gateway: 'public',
    place: ['public', 'cors', key],
    who: 'pages of other origins',
    says,
  });
  const origins = after.origins.filter((origin) => !before?.origins.includes(origin));
  const methods = before === undefined ? [] : after.methods.filter((method) => !before.methods.includes(method));
  const headers = before?.headers === undefined ? [] : (after.headers?.filter((name) => !before.headers?.includes(name)) ?? ['any']);
  return [
    ...(origins.length === 0 ? [] : [door('origins', `pages of ${origins.join(', ')} may call`)]),
    ...(methods.length === 0 ? [] : [door('methods', `pages may ask with ${methods.join(', ')} too`)]),
    ...(headers.length === 0 ? [] : [door('headers', `pages may send ${headers.join(', ')} too`)]),
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

/** Callers that are known by their address alone may register instances. */
function registrants(before: Config, after: Config): Opening[] {
  const [then, now] = [before, after].map(({ registry, private: { callers } }) =>
    registry.embedded === undefined
      ? []
      : Object.values(callers).flatMap(({ from = [], certificate }) =>
          certificate === undefined ? from.map((text) => parseRange(text)) : [],
        ),
  );
  const more = (now ?? []).flatMap((range) => {
    if (typeof range === 'string') return [];
    return then?.some((other) => typeof other !== 'string' && contains(other, range)) ? [] : [range.canonical];
  });
  if (more.length === 0) return [];
  return [{ gateway: 'private', place: ['registry', 'embedded'], who: more.join(', '), says: 'may register with the embedded registry' }];
}

const LOOPBACK = /^(?:127\.|::1$|\[::1\]$|localhost$)/;

function listening(gateway: Opening['gateway'], before: Config, after: Config): Opening[] {
  return (['listen', 'admin'] as const).flatMap((key): Opening[] => {
    const [then, now] = [before[gateway][key].host, after[gateway][key].host];
    if (then === now || LOOPBACK.test(now) || then === '0.0.0.0' || then === '::') return [];
    const what = key === 'admin' ? 'the admin port' : 'the gateway';
    return [{ gateway, place: [gateway, key, 'host'], who: `whoever reaches ${now}`, says: `${what} listens on ${now}, not on ${then}` }];
  });
}

/** Who is believed about where a request came from can be any caller. */
function proxies(gateway: Opening['gateway'], before: Config, after: Config): Opening[] {
  const more = after[gateway].trustedProxies.filter((range) => !before[gateway].trustedProxies.includes(range));
  if (more.length === 0) return [];
  return [{ gateway, place: [gateway, 'trustedProxies'], who: more.join(', '), says: 'is believed about the address of its clients' }];
}
