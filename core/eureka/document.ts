/**
 * Instances and applications as Eureka writes them in JSON (EurekaJacksonCodec): numbers as text but for ports and leases, an
 * attribute of the XML form with an `@`, its text as `$`.
 */
import { HashCode } from '../registry/hash-code.ts';
import type { DataCenterInfo, Port, Registration } from '../registry/instance.ts';
import type { Lease } from '../registry/lease.ts';

/** How much is told: `compact` is what a caller needs, without urls, metadata and lease (MiniInstanceInfoMixIn). */
export type Detail = 'full' | 'compact';

export interface ApplicationDocument {
  readonly name: string;
  readonly instance: readonly object[];
}

const EMPTY_MAP = { '@class': 'java.util.Collections$EmptyMap' };

export function instanceDocument(lease: Lease, detail: Detail): object {
  const { instance } = lease;
  const full = detail === 'full';
  const { id, idGiven, hostName, app, ipAddr, sid, status, overriddenStatus } = instance;
  return {
    ...(idGiven ? { instanceId: id } : {}),
    hostName,
    app,
    ipAddr,
    ...(full && sid !== undefined ? { sid } : {}),
    status,
    ...(full ? { overriddenStatus } : {}),
    port: portDocument(instance.port),
    securePort: portDocument(instance.securePort),
    ...(full ? { countryId: instance.countryId } : {}),
    dataCenterInfo: dataCenterDocument(instance.dataCenterInfo),
    ...(full ? { leaseInfo: leaseDocument(lease), metadata: metadataDocument(instance.metadata) } : {}),
    ...(full ? addresses(instance) : {}),
    vipAddress: instance.vipAddress,
    secureVipAddress: instance.secureVipAddress,
    ...(full ? { isCoordinatingDiscoveryServer: 'false' } : {}),
    lastUpdatedTimestamp: full ? String(instance.lastUpdatedTimestamp) : instance.lastUpdatedTimestamp,
    ...(full ? { lastDirtyTimestamp: String(instance.lastDirtyTimestamp) } : {}),
    actionType: instance.actionType,
    asgName: instance.asgName,
  };
}

/** Applications in the order of their names' first appearance. */
export function applicationDocuments(leases: Iterable<Lease>, detail: Detail): ApplicationDocument[] {
  const applications = new Map<string, object[]>();
  for (const lease of leases) {
    const { app } = lease.instance;
    const instances = applications.get(app) ?? [];
    if (instances.length === 0) applications.set(app, instances);
    instances.push(instanceDocument(lease, detail));
  }
  return Array.from(applications, ([name, instance]) => ({ name, instance }));
}

/** @param hashCode of the whole registry where this is a part of it; of these otherwise */
export function applicationsDocument(leases: readonly Lease[], detail: Detail, { version = 1, hashCode = hashOf(leases) } = {}): object {
  return {
    applications: { versions__delta: String(version), apps__hashcode: hashCode, application: applicationDocuments(leases, detail) },
  };
}

const hashOf = (leases: readonly Lease[]): string => HashCode.of(leases.map(({ instance }) => instance));

const portDocument = ({ port, enabled }: Port) => ({ $: port, '@enabled': String(enabled) });

function dataCenterDocument({ name, metadata }: DataCenterInfo): object {
  const type = name === 'Amazon' ? 'com.netflix.appinfo.AmazonInfo' : 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo';
  return { '@class': type, name, ...(metadata ? { metadata } : {}) };
}

function leaseDocument({ instance, registeredAt, renewedAt, evictedAt, serviceUpAt }: Lease): object {
  return {
    renewalIntervalInSecs: instance.renewalInterval,
    durationInSecs: instance.leaseDuration,
    registrationTimestamp: registeredAt,
    lastRenewalTimestamp: renewedAt,
    evictionTimestamp: evictedAt,
    serviceUpTimestamp: serviceUpAt,
  };
}

function metadataDocument(metadata: Registration['metadata']): object {
  return Object.keys(metadata).length === 0 ? EMPTY_MAP : metadata;
}

function addresses({ appGroupName, homePageUrl, statusPageUrl, healthCheckUrl, secureHealthCheckUrl }: Registration): object {
  return { appGroupName, homePageUrl, statusPageUrl, healthCheckUrl, secureHealthCheckUrl };
}
