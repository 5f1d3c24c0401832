/**
 * Instances and applications as Eureka writes them in JSON (EurekaJacksonCodec): numbers as text but for ports and leases, an
 * attribute of the XML form with an `@`, its text as `$`.
 */
import type { DataCenterInfo, Port, Registration } from '../registry/instance.ts';
import type { Lease } from '../registry/lease.ts';

/** How much is told: `compact` is what a caller needs, without urls, metadata and lease (MiniInstanceInfoMixIn). */
export type Detail = 'full' | 'compact';

const EMPTY_MAP = { '@class': 'java.util.Collections$EmptyMap' };

export function instanceDocument(lease: Lease, detail: Detail): object {
  const leaseInfo = detail === 'full' ? { leaseInfo: leaseDocument(lease) } : {};
  return { ...documentBeforeLease(lease, detail), ...leaseInfo, ...documentFromMetadata(lease, detail) };
}

/** The first part of an instance's document: all that Eureka writes before `leaseInfo`. */
export function documentBeforeLease({ instance }: Lease, detail: Detail): object {
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
  };
}

/** The last part: all that Eureka writes after `leaseInfo`. */
export function documentFromMetadata({ instance }: Lease, detail: Detail): object {
  const full = detail === 'full';
  return {
    ...(full ? { metadata: metadataDocument(instance.metadata), ...addresses(instance) } : {}),
    vipAddress: instance.vipAddress,
    secureVipAddress: instance.secureVipAddress,
    ...(full ? { isCoordinatingDiscoveryServer: 'false' } : {}),
    lastUpdatedTimestamp: full ? String(instance.lastUpdatedTimestamp) : instance.lastUpdatedTimestamp,
    ...(full ? { lastDirtyTimestamp: String(instance.lastDirtyTimestamp) } : {}),
    actionType: instance.actionType,
    asgName: instance.asgName,
  };
}

/** `undefined` for none, which is no application. */
export function applicationDocument(leases: readonly Lease[], detail: Detail): object | undefined {
  const [first] = leases;
  return first && { name: first.instance.app, instance: leases.map((lease) => instanceDocument(lease, detail)) };
}

const portDocument = ({ port, enabled }: Port) => ({ $: port, '@enabled': String(enabled) });

function dataCenterDocument({ name, metadata }: DataCenterInfo): object {
  const type = name === 'Amazon' ? 'com.netflix.appinfo.AmazonInfo' : 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo';
  return { '@class': type, name, ...(metadata ? { metadata } : {}) };
}

export function leaseDocument({ instance, registeredAt, renewedAt, evictedAt, serviceUpAt }: Lease): object {
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
