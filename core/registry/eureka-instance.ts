/** One instance of Eureka's JSON: of all that it says, what a gateway needs. Whatever anybody registered may stand there. */
import { type Fields, fieldsOf } from './fields.ts';
import { type InstanceStatus, isStatus } from './instance.ts';
import type { Discovered } from './source.ts';

export interface Instance {
  /** The application, in capitals. */
  readonly app: string;
  /** Unique within the application. */
  readonly id: string;
  /** UNKNOWN for one that Eureka does not know, as it has it too (InstanceStatus.toEnum). */
  readonly status: InstanceStatus;
  /** Undefined when there is no address that could be called. */
  readonly endpoint: Discovered | undefined;
}

const MOST_WEIGHT = 1_000;

/** Characters of what is read, as many as the embedded registry takes: one left out here would make the hash codes differ for good. */
const LONGEST = 256;

/** Undefined for what is no instance at all. */
export function instanceOf(value: unknown, application: unknown): Instance | undefined {
  const fields = fieldsOf(value);
  const app = textOf(fields['app']) ?? textOf(application);
  const id = textOf(fields['instanceId']) ?? ofAmazon(fields['dataCenterInfo']) ?? textOf(fields['hostName']);
  const status = textOf(fields['status']);
  if (app === undefined || id === undefined || status === undefined) return undefined;
  const known = status.toUpperCase();
  return { app: app.toUpperCase(), id, status: isStatus(known) ? known : 'UNKNOWN', endpoint: endpointOf(fields) };
}

/** The id that an instance without one has in Eureka, where its data center gives it a name (InstanceInfo.getId). */
function ofAmazon(dataCenterInfo: unknown): string | undefined {
  return textOf(fieldsOf(fieldsOf(dataCenterInfo)['metadata'])['instance-id']);
}

function endpointOf(fields: Fields): Discovered | undefined {
  const host = textOf(fields['hostName']) ?? textOf(fields['ipAddr']);
  const secure = portOf(fields['securePort']);
  const port = secure ?? portOf(fields['port']);
  if (host === undefined || port === undefined || /[/?#@\\\s]/.test(host)) return undefined;
  const named = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const url = URL.parse(`${secure === undefined ? 'http' : 'https'}://${named}:${port}`);
  if (!url) return undefined;
  const metadata = fieldsOf(fields['metadata']);
  const healthPath = textOf(metadata['healthPath']);
  return {
    origin: url.origin,
    weight: weightOf(metadata['weight']),
    zone: textOf(metadata['zone']),
    healthPath: healthPath !== undefined && /^\/[\x21-\x7e]*$/.test(healthPath) ? healthPath : undefined,
  };
}

/** `{"$": 8080, "@enabled": "true"}`; undefined when it is not enabled. */
function portOf(value: unknown): number | undefined {
  const { $: given, '@enabled': enabled } = fieldsOf(value);
  const port = Number(given);
  if (String(enabled) !== 'true' || !Number.isInteger(port) || port < 1 || port > 65535) return undefined;
  return port;
}

function weightOf(value: unknown): number {
  const weight = Number(value ?? 1);
  return Number.isInteger(weight) && weight >= 1 && weight <= MOST_WEIGHT ? weight : 1;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST ? value : undefined;
}
