/** What a running gateway cannot take up: addresses that it listens on, memory that it has, whom it is known to. */
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/schema/index.ts';
import { eurekaServers } from '../registry/sources.ts';

type Section = 'public' | 'private';

type Read = (config: Config) => unknown;

/** @param started that which it was started with. @returns keys whose change only a restart takes up */
export function needsRestart(started: Config, now: Config, section: Section): readonly string[] {
  const { embedded } = started.registry;
  const registers = started[section].register !== undefined;
  const read: Readonly<Record<string, Read>> = {
    [`${section}.listen`]: ({ [section]: { listen } }) => {
      const { host, port, tls } = listen as { host: string; port: number; tls?: { clientCa?: string } };
      // What certificates are of is taken up; whether there are any, is not.
      return [host, port, tls !== undefined, tls?.clientCa !== undefined];
    },
    // The other gateway of the pair is looked for where it is said, or else where it listens.
    [`${section}.admin`]: ({ public: outside, private: inside, [section]: { admin } }) => [
      ...[admin.host, admin.port, admin.peer],
      ...(admin.peer === undefined ? [outside, inside].flatMap(({ admin: { host, port } }) => [host, port]) : []),
    ],
    [`${section}.cache`]: ({ [section]: { cache } }) => cache,
    [`${section}.register`]: ({ [section]: { register } }) => register,
    ...(section === 'private' ? { 'registry.embedded': ({ registry }: Config) => registry.embedded } : {}),
    ...(registers || (section === 'private' && embedded) ? { 'registry.eureka': ({ registry }: Config) => eurekaServers(registry) } : {}),
    state: ({ state }) => state,
    'telemetry.otlp': ({ telemetry }) => telemetry.otlp,
  };
  return Object.entries(read).flatMap(([key, of]) => (isDeepStrictEqual(of(started), of(now)) ? [] : [key]));
}
