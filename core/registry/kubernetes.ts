/** Endpoints by the Kubernetes API: a Service's EndpointSlices, listed once and watched from there, by plain HTTP. */
import type { Clock, Random } from '../clock.ts';
import { type KubernetesName, parseKubernetesName } from '../config/registry-names.ts';
import type { KubernetesConfig } from '../config/schema/index.ts';
import type { Logger } from '../telemetry/logger.ts';
import { fieldsOf } from './fields.ts';
import { Gone, KubernetesApi, type Patience } from './kubernetes-api.ts';
import { EndpointSlices } from './kubernetes-slices.ts';
import type { Discovered, Failure, Source } from './source.ts';

/** Seconds after which the server ends a watch by itself; the next goes on from there. Longer silence is a dead connection. */
const WATCH = 60;
const PATIENCE: Patience = { answer: 30_000, silence: (WATCH + 15) * 1_000, pause: 5_000 };
/**
 * Milliseconds before all is listed anew when the server has forgotten where we were, and between the beginnings of two watches. One
 * that ends sooner and told of no change is none.
 */
const SHORTEST = 1_000;
/** Slices in one part of a list, each of at most 1000 endpoints. */
const PART = 20;
/** Parts of a list. */
const MOST_PARTS = 1_000;
/** Addresses of which the log has been told that they are none. */
const MOST_REFUSED = 100;

export interface KubernetesParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Pick<Logger, 'warn'>;
  readonly patience?: Partial<Patience>;
}

/**
 * @param name `service`, `namespace/service`, either perhaps with `:port`
 * @throws when it is no such name, which a configuration cannot hold
 */
export function kubernetesSource(name: string, config: KubernetesConfig, parts: KubernetesParts): Source {
  const parsed = parseKubernetesName(name);
  if (!parsed) throw new Error(`${name} is no name of a Service`);
  return new KubernetesSource(parsed, config, parts);
}

class KubernetesSource implements Source {
  answer: readonly Discovered[] | undefined;
  failure: Failure | undefined;
  readonly fixed = false;
  readonly #name: KubernetesName;
  readonly #parts: KubernetesParts;
  readonly #patience: Patience;
  readonly #api: KubernetesApi;
  readonly #refused = new Set<string>();
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  /** The family that the Service prefers, once it has been asked for. */
  #family: 4 | 6 | undefined;

  constructor(name: KubernetesName, config: KubernetesConfig, parts: KubernetesParts) {
    this.#name = name;
    this.#parts = parts;
    this.#patience = { ...PATIENCE, ...parts.patience };
    this.#api = new KubernetesApi(config, this.#patience);
  }

  start(onChange: () => void): void {
    void this.#run(onChange);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#api.close();
  }

  async #run(onChange: () => void): Promise<void> {
    const { clock, random } = this.#parts;
    const { pause } = this.#patience;
    let wait = Math.min(SHORTEST, pause);
    try {
      await this.#follow(onChange);
    } catch (error) {
      if (this.#stopped) return;
      wait = pause * (0.5 + random() / 2);
      this.failure = { since: this.failure?.since ?? clock.now(), why: error instanceof Error ? error.message : String(error) };
      onChange();
    }
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#run(onChange), wait).unref();
  }

  /** Lists once, and watches from there until the server has forgotten where that was, or something fails. */
  async #follow(onChange: () => void): Promise<void> {
    const slices = await this.#list();
    let asked = false;
    const tell = async () => {
      if (this.#family === undefined && !asked && slices.dual) {
        asked = true;
        this.#family = await this.#preferredFamily();
      }
      if (this.#stopped) return;
      this.answer = slices.endpoints(this.#family ?? 4);
      this.failure = undefined;
      onChange();
    };
    await tell();
    try {
      while (!this.#stopped) await this.#watch(slices, tell);
    } catch (error) {
      if (!(error instanceof Gone)) throw error;
    }
  }

  async #list(): Promise<EndpointSlices> {
    const { service, port } = this.#name;
    const slices = new EndpointSlices({ port, serverName: `${service}.${this.#namespace}.svc`, onRefused: this.#refuse.bind(this) });
    let next = '';
    for (let part = 0; part === 0 || next !== ''; part += 1) {
      if (part === MOST_PARTS) throw new Error(`the list has more than ${MOST_PARTS} parts`);
      next = slices.add(await this.#api.get(this.#path({ limit: String(PART), ...(next === '' ? {} : { continue: next }) })));
    }
    return slices;
  }

  async #watch(slices: EndpointSlices, tell: () => Promise<void>): Promise<void> {
    const { clock } = this.#parts;
    const { resourceVersion } = slices;
    const begun = clock.now();
    let told = false;
    const watching = { watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: String(WATCH), resourceVersion };
    for await (const events of this.#api.watch(this.#path(watching))) {
      // Each answer is all endpoints, of which there may be thousands.
      if (!events.map((event) => slices.event(event)).includes(true)) continue;
      told = true;
      await tell();
    }
    const early = SHORTEST - (clock.now() - begun);
    if (early <= 0) return;
    if (!told) throw new Error('the watch ended at once');
    await new Promise((resolve) => {
      this.#timer = setTimeout(resolve, Math.min(early, this.#patience.pause)).unref();
    });
  }

  /** Undefined where the service account may not read the Service, or it is not there. */
  async #preferredFamily(): Promise<4 | 6 | undefined> {
    const path = `/api/v1/namespaces/${encodeURIComponent(this.#namespace)}/services/${this.#name.service}`;
    const service = await this.#api.get(path).catch(() => undefined);
    const families = fieldsOf(fieldsOf(service)['spec'])['ipFamilies'];
    if (!Array.isArray(families)) return undefined;
    return families[0] === 'IPv6' ? 6 : 4;
  }

  get #namespace(): string {
    return this.#name.namespace ?? this.#api.namespace;
  }

  #path(query: Record<string, string>): string {
    const search = new URLSearchParams({ labelSelector: `kubernetes.io/service-name=${this.#name.service}`, ...query });
    return `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(this.#namespace)}/endpointslices?${search}`;
  }

  #refuse(given: string, slice: string): void {
    const endpoint = given.slice(0, 100);
    if (this.#refused.has(endpoint) || this.#refused.size === MOST_REFUSED) return;
    this.#refused.add(endpoint);
    this.#parts.logger.warn({ event: 'endpoint-refused', registry: 'kubernetes', slice, endpoint, reason: 'no address' });
  }
}
