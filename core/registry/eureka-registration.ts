/** Registers with Eureka, stays registered by heartbeats as long as it runs, and takes itself out at the end (Netflix's DiscoveryClient). */
import { once } from 'node:events';
import type { Clock, Random } from '../clock.ts';
import type { GatewayConfig } from '../config/schema/index.ts';
import type { Logger } from '../telemetry/logger.ts';
import { EurekaServers } from './eureka-servers.ts';
import { describeOwnInstance, LEASE, type OwnInstance, type Whereabouts } from './own-instance.ts';

export interface RegistrationParts {
  /** Whether it may be called: UP, and STARTING before. */
  readonly isReady: () => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

const HEARTBEAT = LEASE.renewalIntervalInSecs * 1000;

/** Milliseconds between two looks at whether it is ready, and after a first failure; after each further one twice as long, up to a heartbeat. */
const SOON = 1_000;

/** Part of a pause by which it varies either way, so that instances do not come in step. */
const JITTER = 0.1;

/** Milliseconds that what is under way may last when it is to be taken out, and taking it out: no end of a process waits for a registry. */
const UNDER_WAY = 500;
const PATIENCE = 1_500;

export type Registration = Pick<EurekaRegistration, 'cancel'>;

interface Settings {
  readonly settings: Whereabouts['settings'] & Pick<GatewayConfig, 'register'>;
}

/** Begins to register the gateway where that is configured. Nobody has to wait for it: what does not succeed is tried again. */
export function startRegistration(place: Whereabouts & Settings, parts: RegistrationParts): Registration | undefined {
  const { register } = place.settings;
  if (!register) return undefined;
  const registration = new EurekaRegistration(place.servers, () => describeOwnInstance(register, place), parts);
  registration.start();
  return registration;
}

type Status = 'STARTING' | 'UP';

export class EurekaRegistration {
  readonly #describe: () => Promise<OwnInstance>;
  readonly #parts: RegistrationParts;
  readonly #servers: EurekaServers;
  readonly #over = new AbortController();
  #instance: OwnInstance | undefined;
  /** What the registry was told last, perhaps without an answer. */
  #told = { status: 'STARTING' as Status, dirtyAt: 0 };
  #registered = false;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #underway: Promise<void> = Promise.resolve();
  #cancelled: Promise<void> | undefined;

  /** @param servers URLs of one cluster, each up to `/eureka` @param describe who it is; asked until it is known, and may reject */
  constructor(servers: readonly string[], describe: () => Promise<OwnInstance>, parts: RegistrationParts) {
    this.#describe = describe;
    this.#parts = parts;
    this.#servers = new EurekaServers(servers);
  }

  start(): void {
    this.#underway = this.#turn();
  }

  /** Takes it out of the registry, once. Never rejects, and lasts no longer than a moment. */
  cancel(): Promise<void> {
    this.#cancelled ??= this.#cancel();
    return this.#cancelled;
  }

  async #turn(): Promise<void> {
    let status: Status = 'STARTING';
    try {
      if (this.#parts.isReady()) status = 'UP';
      this.#instance ??= await this.#describe();
      const known = this.#registered && this.#told.status === status && (await this.#renew(this.#instance));
      if (!known && !this.#cancelled) await this.#register(this.#instance, status);
      if (this.#failures > 0 && known) this.#log('info', 'registration-answers', {});
      this.#failures = 0;
    } catch (error) {
      if (this.#failures === 0 && !this.#cancelled)
        this.#log('warn', 'registration-failing', { why: error instanceof Error ? error.message : String(error) });
      this.#failures += 1;
    }
    if (this.#cancelled) return;
    const pause = this.#failures > 0 ? SOON * 2 ** (this.#failures - 1) : status === 'UP' ? HEARTBEAT : SOON;
    this.#timer = setTimeout(() => this.start(), Math.min(pause, HEARTBEAT) * (1 + JITTER * (2 * this.#parts.random() - 1))).unref();
  }

  async #register(instance: OwnInstance, status: Status): Promise<void> {
    this.#registered = false;
    // The later of two registrations is the true one, whatever the clock of the machine did meanwhile.
    this.#told = { status, dirtyAt: Math.max(Math.round(this.#parts.clock.epoch()), this.#told.dirtyAt + 1) };
    const dirtyAt = String(this.#told.dirtyAt);
    const document = { instance: { ...instance, status, lastDirtyTimestamp: dirtyAt, lastUpdatedTimestamp: dirtyAt } };
    await this.#servers.tell({ method: 'POST', path: `/apps/${instance.app}`, document, settled: [200, 204] }, this.#over.signal);
    this.#registered = true;
    this.#log('info', 'registered', { status });
  }

  /** A heartbeat. False when the registry does not know the instance, or an older one. */
  async #renew(instance: OwnInstance): Promise<boolean> {
    const { status, dirtyAt } = this.#told;
    const path = `${pathOf(instance)}?status=${status}&lastDirtyTimestamp=${dirtyAt}`;
    return (await this.#servers.tell({ method: 'PUT', path, settled: [200, 404] }, this.#over.signal)) === 200;
  }

  async #cancel(): Promise<void> {
    clearTimeout(this.#timer);
    // A registration on its way would otherwise arrive after its own end.
    await Promise.race([this.#underway, once(AbortSignal.timeout(UNDER_WAY), 'abort')]);
    this.#over.abort();
    if (!this.#instance || this.#told.dirtyAt === 0) return;
    try {
      const telling = { method: 'DELETE', path: pathOf(this.#instance), settled: [200, 404], within: PATIENCE } as const;
      await this.#servers.tell(telling, AbortSignal.timeout(PATIENCE));
      this.#log('info', 'registration-cancelled', {});
    } catch (error) {
      this.#log('warn', 'registration-left', { why: error instanceof Error ? error.message : String(error) });
    }
  }

  #log(level: 'info' | 'warn', event: string, more: object): void {
    this.#parts.logger[level]({ event, app: this.#instance?.app, id: this.#instance?.instanceId, ...more });
  }
}

const pathOf = ({ app, instanceId }: OwnInstance): string => `/apps/${app}/${encodeURIComponent(instanceId)}`;
