/** What is registered: an instance of an application, in Eureka's terms (com.netflix.appinfo.InstanceInfo). */

export const statuses = ['UP', 'DOWN', 'STARTING', 'OUT_OF_SERVICE', 'UNKNOWN'] as const;
export type InstanceStatus = (typeof statuses)[number];

export type ActionType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Netflix's names of data centers; a registration with another is refused by Eureka too. */
export const dataCenters = ['Netflix', 'Amazon', 'MyOwn'] as const;

export interface DataCenterInfo {
  readonly name: (typeof dataCenters)[number];
  /** Only Amazon's has any. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface Port {
  readonly port: number;
  readonly enabled: boolean;
}

/** What an instance says of itself. */
export interface Registration {
  /** Unique within its application. */
  readonly id: string;
  /** Whether the id was said, or is the host name for want of another. */
  readonly idGiven: boolean;
  /** The application, in upper case. */
  readonly app: string;
  readonly hostName: string;
  readonly ipAddr: string;
  readonly sid?: string;
  readonly status: InstanceStatus;
  readonly overriddenStatus: InstanceStatus;
  readonly port: Port;
  readonly securePort: Port;
  readonly countryId: number;
  readonly dataCenterInfo: DataCenterInfo;
  /** Seconds between two heartbeats. */
  readonly renewalInterval: number;
  /** Seconds without a heartbeat after which it counts as gone. */
  readonly leaseDuration: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly appGroupName?: string;
  readonly homePageUrl?: string;
  readonly statusPageUrl?: string;
  readonly healthCheckUrl?: string;
  readonly secureHealthCheckUrl?: string;
  /** Names by which it is looked up, separated by commas. */
  readonly vipAddress?: string;
  readonly secureVipAddress?: string;
  readonly asgName?: string;
  /** Milliseconds since 1970: when the instance last changed itself. The later of two registrations is the true one. */
  readonly lastDirtyTimestamp: number;
}

/** An instance as the registry has it; immutable, each change makes another. */
export interface Instance extends Registration {
  readonly actionType: ActionType;
  /** Milliseconds since 1970, by the registry. */
  readonly lastUpdatedTimestamp: number;
}

export const isStatus = (text: unknown): text is InstanceStatus => statuses.some((status) => status === text);
