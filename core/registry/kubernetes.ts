/** Endpoints by the Kubernetes API: a Service's EndpointSlices, listed once and watched from there, by plain HTTP. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, type Dispatcher } from 'undici';
import type { Clock, Random } from '../clock.ts';
import type { KubernetesConfig } from '../config/schema/index.ts';
import { EndpointSlices } from './kubernetes-slices.ts';
import type { Discovered, Failure, Source } from './source.ts';

/** Seconds after which the server ends a watch by itself; the next goes on from there. */
const WATCH = 300;
/** Milliseconds before all is listed anew after a failure, half of it by chance. */
const AGAIN = 5_000;
/** Milliseconds: a watch that ends sooner and tells nothing is none, and the next would come at once. */
const SHORTEST = 1_000;
/** Characters of one event, which has a slice of at most 1000 endpoints. */
const LONGEST = 4 * 1024 * 1024;

export interface KubernetesParts {
  readonly clock: Clock;
  readonly random: Random;
}

/** @param name `service`, `namespace/service`, either perhaps with `:port` */
export function kubernetesSource(name: string, config: KubernetesConfig, parts: KubernetesParts): Source {
  return new KubernetesSource(name, config, parts);
}

class KubernetesSource implements Source {
  answer: readonly Discovered[] | undefined;
  failure: Failure | undefined;
  readonly fixed = false;
  readonly #config: KubernetesConfig;
  readonly #parts: KubernetesParts;
  readonly #namespace: string | undefined;
  readonly #service: string;
  readonly #slices: EndpointSlices;
  readonly #over = new AbortController();
  #agent: Agent | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(name: string, config: KubernetesConfig, parts: KubernetesParts) {
    const [, namespace, service = name, port] = /^(?:([^/]+)\/)?([^:]+)(?::(.+))?$/.exec(name) ?? [];
    this.#config = config;
    this.#parts = parts;
    this.#namespace = namespace ?? config.namespace;
    this.#service = service;
    this.#slices = new EndpointSlices(port);
  }

  start(onChange: () => void): void {
    void this.#run(onChange);
  }

  stop(): void {
    this.#over.abort();
    clearTimeout(this.#timer);
    void this.#agent?.destroy();
  }

  /** Lists and watches until something fails. */
  async #run(onChange: () => void): Promise<void> {
    const { clock, random } = this.#parts;
    const told = () => {
      if (this.#over.signal.aborted) return;
      this.answer = this.#slices.endpoints;
      this.failure = undefined;
      onChange();
    };
    try {
      this.#slices.list(await (await this.#get({})).body.json());
      told();
      while (!this.#over.signal.aborted) await this.#watch(told);
    } catch (error) {
      if (this.#over.signal.aborted) return;
      this.failure = { since: this.failure?.since ?? clock.now(), why: error instanceof Error ? error.message : String(error) };
      this.#timer = setTimeout(() => void this.#run(onChange), AGAIN * (0.5 + random() / 2)).unref();
      onChange();
    }
  }

  async #watch(told: () => void): Promise<void> {
    const { resourceVersion } = this.#slices;
    const watching = { watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: String(WATCH), resourceVersion };
    const { clock } = this.#parts;
    const begun = clock.now();
    let events = 0;
    const { body } = await this.#get(watching);
    for await (const line of linesOf(body)) {
      if (line === '') continue;
      events += 1;
      if (this.#slices.event(JSON.parse(line))) told();
    }
    if (events === 0 && clock.now() - begun < SHORTEST) throw new Error('the watch ended at once');
  }

  async #get(query: Record<string, string>): Promise<Dispatcher.ResponseData> {
    const { api, account } = this.#config;
    const text = (file: string) => readFileSync(join(account, file), 'utf8').trim();
    const namespace = this.#namespace ?? text('namespace');
    // The cluster's own authority, where there is one; otherwise those that everybody trusts.
    const ca = join(account, 'ca.crt');
    this.#agent ??= new Agent({ connect: existsSync(ca) ? { ca: readFileSync(ca) } : {}, bodyTimeout: (WATCH + 30) * 1_000 });
    const search = new URLSearchParams({ labelSelector: `kubernetes.io/service-name=${this.#service}`, ...query });
    const response = await this.#agent.request({
      origin: api,
      method: 'GET',
      path: `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices?${search}`,
      // Read each time: the cluster renews it.
      headers: { accept: 'application/json', authorization: `Bearer ${text('token')}`, 'user-agent': 'postern' },
      signal: this.#over.signal,
    });
    if (response.statusCode === 200) return response;
    await response.body.dump();
    throw new Error(`${api} answered ${response.statusCode}`);
  }
}

/** Unlike readline it passes the errors of the stream on, and ends the stream with the loop over it. */
async function* linesOf(body: AsyncIterable<Buffer>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST) throw new Error(`an event is longer than ${LONGEST} characters`);
    yield* lines;
  }
}
