/** The endpoints that were last known, as a file keeps them from one run of a gateway to the next: what is written, and what is believed. */
import type { RegistryConfig, RegistryName } from '../config/schema/index.ts';
import { fieldsOf } from './fields.ts';
import type { Discovered } from './source.ts';

/** Of one service. */
export interface LastKnown {
  readonly from: Origin;
  /** Milliseconds since 1970: until then its registry said so. */
  readonly at: number;
  readonly endpoints: readonly Discovered[];
}

/** Where a service's endpoints come from. What another registry said, or the same of another name, is nothing to go by. */
export interface Origin {
  readonly registry: RegistryName;
  readonly name: string;
  /** Who is asked, as the configuration has it. */
  readonly asked: string;
}

const VERSION = 1;

/** Milliseconds: what is older says nothing, for addresses are given away again. */
const OLDEST = 24 * 60 * 60_000;

/** Characters of a zone, a name, a path. */
const LONGEST = 256;

export function originOf(registry: RegistryName, name: string, { eureka, embedded, dns, kubernetes }: RegistryConfig): Origin {
  const who = { eureka: eureka ?? embedded?.port, dns: dns.servers, srv: dns.servers, kubernetes: [kubernetes.api, kubernetes.namespace] };
  return { registry, name, asked: JSON.stringify(who[registry] ?? null) };
}

/** @param services each by its name */
export function written(services: ReadonlyMap<string, LastKnown>): string {
  return JSON.stringify({ version: VERSION, services: Object.fromEntries(services) });
}

/**
 * What a file says.
 *
 * @param now milliseconds since 1970; what is older than a day is left out, and so is what the clock has not come to yet
 * @returns each service by its name, and the problem of each that is not as `written` writes it: one odd service costs no other
 * @throws when the whole is not what `written` writes
 */
export function read(text: string, now: number): { readonly known: ReadonlyMap<string, LastKnown>; readonly problems: readonly Error[] } {
  const { version, services } = fieldsOf(JSON.parse(text));
  if (version !== VERSION) throw new Error(`it is not of version ${VERSION}`);
  const known = new Map<string, LastKnown>();
  const problems: Error[] = [];
  for (const [service, value] of Object.entries(fieldsOf(services))) {
    try {
      const one = lastKnown(value);
      if (Math.abs(now - one.at) <= OLDEST) known.set(service, one);
    } catch (cause) {
      problems.push(new Error(`${service}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause }));
    }
  }
  return { known, problems };
}

/** Whether two are one registry, asked for one name. */
export function isSame(one: Origin, other: Origin): boolean {
  return one.registry === other.registry && one.name === other.name && one.asked === other.asked;
}

function lastKnown(value: unknown): LastKnown {
  const { from, at, endpoints } = fieldsOf(value);
  if (typeof at !== 'number' || !Array.isArray(endpoints)) throw new Error('it names no endpoints or no time');
  // Compared only with what is configured, so any text will do.
  return { from: fieldsOf(from) as unknown as Origin, at, endpoints: endpoints.map(discovered) };
}

function discovered(value: unknown): Discovered {
  const { origin, weight, priority, zone, serverName, healthPath } = fieldsOf(value);
  const url = typeof origin === 'string' ? URL.parse(origin) : null;
  if (!url || url.origin !== origin || !/^https?:$/.test(url.protocol)) throw new Error(`${JSON.stringify(origin)} is no address`);
  if (typeof weight !== 'number' || !(weight > 0)) throw new Error(`the weight of ${origin} is not above 0`);
  if (priority !== undefined && !Number.isInteger(priority)) throw new Error(`the priority of ${origin} is no whole number`);
  if (![zone, serverName, healthPath].every(isShortText)) throw new Error(`${origin} has what is no short text`);
  if (healthPath !== undefined && !/^\/[\x21-\x7e]*$/.test(String(healthPath))) throw new Error(`the health path of ${origin} is no path`);
  return { origin, weight, priority, zone, serverName, healthPath } as Discovered;
}

function isShortText(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && value !== '' && value.length <= LONGEST);
}
