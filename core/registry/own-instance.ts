/** A gateway as Eureka's JSON describes an instance, and what others call it by. */
import { isIP } from 'node:net';
import { addressTowards } from '../address/own-address.ts';
import { bracketed, hostOf, isEveryAddress, isLoopback } from '../config/hosts.ts';
import type { GatewayConfig, RegisterConfig } from '../config/schema/index.ts';

/** `lease.renewalInterval`, `lease.duration`: Eureka's defaults. */
export const LEASE = { renewalIntervalInSecs: 30, durationInSecs: 90 } as const;

export interface OwnInstance {
  readonly instanceId: string;
  /** In capitals. */
  readonly app: string;
  readonly [field: string]: unknown;
}

export interface Whereabouts {
  readonly settings: Pick<GatewayConfig, 'listen' | 'admin' | 'zone'>;
  /** Where it really listens, e.g. `http://127.0.0.1:8081`. */
  readonly url: string;
  readonly adminUrl: string;
  /** The registry's servers. */
  readonly servers: readonly string[];
}

/** @throws the system's error when no address is configured, and none can be found out */
export async function describeOwnInstance(
  register: RegisterConfig,
  { settings, url, adminUrl, servers }: Whereabouts,
): Promise<OwnInstance> {
  const { listen, admin, zone } = settings;
  const given = register.host ?? (isEveryAddress(listen.host) ? undefined : listen.host);
  const ipAddr = given !== undefined && isIP(given) !== 0 ? given : await addressTowardsAny(servers);
  const host = given ?? ipAddr;
  const port = register.port ?? portOf(url);
  const secure = listen.tls !== undefined;
  const adminHost = isEveryAddress(admin.host) ? host : admin.host;
  const adminPlace = adminHost !== host && isLoopback(adminHost) ? undefined : `http://${bracketed(adminHost)}:${portOf(adminUrl)}`;
  return {
    instanceId: `${host}:${register.name.toLowerCase()}:${port}`,
    app: register.name.toUpperCase(),
    hostName: host,
    ipAddr,
    overriddenstatus: 'UNKNOWN',
    port: { $: secure ? 80 : port, '@enabled': String(!secure) },
    securePort: { $: secure ? port : 443, '@enabled': String(secure) },
    vipAddress: register.name,
    ...(secure ? { secureVipAddress: register.name } : {}),
    countryId: 1,
    dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
    leaseInfo: LEASE,
    metadata: zone === undefined ? { '@class': 'java.util.Collections$EmptyMap' } : { zone },
    // Only where others can reach the admin port, which by default they cannot.
    ...(adminPlace === undefined ? {} : { statusPageUrl: `${adminPlace}/readyz?verbose`, healthCheckUrl: `${adminPlace}/readyz` }),
  };
}

function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return Number(port) || (protocol === 'https:' ? 443 : 80);
}

/**
 * The first server that there is a way to will do: who reads the registry is on that side. That it is on this machine says nothing
 * of them while another is elsewhere, where this machine's loopback would be another's.
 */
async function addressTowardsAny(servers: readonly string[]): Promise<string> {
  let problem: unknown = new Error('no server is configured');
  let own: string | undefined;
  for (const server of servers) {
    try {
      const address = await addressTowards(hostOf(new URL(server)), portOf(server));
      if (!isLoopback(address)) return address;
      own ??= address;
    } catch (error) {
      problem = error;
    }
  }
  if (own !== undefined) return own;
  throw problem;
}
