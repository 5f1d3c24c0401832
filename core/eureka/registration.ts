/** A registration out of what a client sent, JSON or XML, with Eureka's defaults and its reasons to refuse. */
import type { Fields } from '../registry/fields.ts';
import { type DataCenterInfo, dataCenters, type InstanceStatus, isStatus, type Port, type Registration } from '../registry/instance.ts';
import { Refused } from './refused.ts';

/** Characters of a name that others look up. */
const LONGEST_NAME = 256;

/** Seconds: a lease beyond is no lease. */
const LONGEST_LEASE = 60 * 60;

/** Entries of a registration's metadata. */
const MOST_ENTRIES = 200;

/**
 * @param document `{ instance: ... }`, from JSON or XML; unknown fields are passed over, as Eureka does
 * @param now milliseconds since 1970
 * @throws Refused 400
 */
export function readRegistration(document: unknown, now: number): Registration {
  const instance = fields(fields(document)?.['instance']);
  if (!instance) throw new Refused(400, 'Missing instance');
  const hostName = nameOf(instance, 'hostName');
  const dataCenterInfo = readDataCenter(instance['dataCenterInfo']);
  const given = nameOf(instance, 'instanceId');
  const id = given || dataCenterInfo?.metadata?.['instance-id'] || hostName;
  const ipAddr = nameOf(instance, 'ipAddr');
  const app = nameOf(instance, 'app').toUpperCase();
  // In Eureka's order and words.
  if (!id) throw new Refused(400, 'Missing instanceId');
  if (!hostName) throw new Refused(400, 'Missing hostname');
  if (!ipAddr) throw new Refused(400, 'Missing ip address');
  if (!app) throw new Refused(400, 'Missing appName');
  if (!dataCenterInfo) throw new Refused(400, 'Missing dataCenterInfo');
  const lease = fields(instance['leaseInfo']) ?? {};
  const texts = Object.fromEntries(
    optionalTexts.flatMap((key) => {
      const text = textOf(instance, key);
      return text === undefined ? [] : [[key, text]];
    }),
  );
  const sid = textOf(instance, 'sid');
  return {
    ...texts,
    ...(sid === undefined || sid === 'na' || sid === 'unknown' ? {} : { sid }),
    id,
    idGiven: given !== '',
    app,
    hostName,
    ipAddr,
    status: statusOf(instance['status'], 'UP'),
    overriddenStatus: statusOf(instance['overriddenstatus'] ?? instance['overriddenStatus'], 'UNKNOWN'),
    port: readPort(instance, 'port', 7001, true),
    securePort: readPort(instance, 'securePort', 7002, false),
    countryId: wholeNumber(instance, 'countryId') ?? 1,
    dataCenterInfo,
    renewalInterval: seconds(lease, 'renewalIntervalInSecs') ?? 30,
    leaseDuration: seconds(lease, 'durationInSecs') ?? 90,
    metadata: readMetadata(instance['metadata']),
    lastDirtyTimestamp: wholeNumber(instance, 'lastDirtyTimestamp') ?? now,
  };
}

const optionalTexts = [
  'appGroupName',
  'homePageUrl',
  'statusPageUrl',
  'healthCheckUrl',
  'secureHealthCheckUrl',
  'vipAddress',
  'secureVipAddress',
  'asgName',
] as const;

const fields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

/** What neither JSON nor XML can carry to every reader: control characters, and halves of a pair. */
const UNPRINTABLE = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

function textOf(from: Fields, key: string): string | undefined {
  const value = from[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object') throw new Refused(400, `${key} must be text`);
  const text = String(value);
  if (UNPRINTABLE.test(text)) throw new Refused(400, `${key} has a character that XML cannot carry`);
  return text;
}

function nameOf(from: Fields, key: string): string {
  const name = (textOf(from, key) ?? '').trim();
  if (name.length > LONGEST_NAME) throw new Refused(400, `${key} is longer than ${LONGEST_NAME} characters`);
  if (/[\t\n\r]/.test(name)) throw new Refused(400, `${key} must be one line`);
  return name;
}

function statusOf(value: unknown, otherwise: InstanceStatus): InstanceStatus {
  if (value === undefined || value === null) return otherwise;
  const name = typeof value === 'string' ? value.toUpperCase() : value;
  return isStatus(name) ? name : 'UNKNOWN';
}

function wholeNumber(from: Fields, key: string): number | undefined {
  const text = textOf(from, key)?.trim();
  if (text === undefined || text === '') return undefined;
  const number = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(number)) throw new Refused(400, `${key} must be a whole number`);
  return number;
}

/** As Eureka does, what is not positive is the default. */
function seconds(from: Fields, key: string): number | undefined {
  const number = wholeNumber(from, key);
  if (number === undefined || number <= 0) return undefined;
  if (number > LONGEST_LEASE) throw new Refused(400, `${key} is more than an hour`);
  return number;
}

/** `{ $: 8080, @enabled: true }`, or the number alone. */
function readPort(instance: Fields, key: string, otherwise: number, enabledByDefault: boolean): Port {
  const value = instance[key];
  const parts = fields(value) ?? { $: value };
  const port = wholeNumber({ [key]: parts['$'] }, key) ?? otherwise;
  if (port < 0 || port > 65_535) throw new Refused(400, `${key} must be from 0 to 65535`);
  const enabled = textOf(parts, '@enabled')?.toLowerCase();
  return { port, enabled: enabled === undefined ? enabledByDefault : enabled === 'true' };
}

function readDataCenter(value: unknown): DataCenterInfo | undefined {
  const info = fields(value);
  if (!info) return undefined;
  const given = textOf(info, 'name');
  if (given === undefined) throw new Refused(400, 'Missing dataCenterInfo Name');
  const name = dataCenters.find((known) => known === given);
  if (name === undefined) throw new Refused(400, `dataCenterInfo must be named ${dataCenters.join(', ')}`);
  return name === 'Amazon' ? { name, metadata: readMetadata(info['metadata']) } : { name };
}

/** @throws Refused 400 */
export function readMetadata(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.keys(fields(value) ?? {}).filter((key) => key !== '@class');
  if (entries.length > MOST_ENTRIES) throw new Refused(400, `metadata has more than ${MOST_ENTRIES} entries`);
  return Object.fromEntries(
    entries.map((key) => {
      if (key === '' || key.length > LONGEST_NAME || UNPRINTABLE.test(key))
        throw new Refused(400, 'metadata has a key that cannot be kept');
      return [key, textOf(fields(value) ?? {}, key) ?? ''];
    }),
  );
}
