/** One address of a service: its connections and what is known of it now. The only mutable state behind a snapshot. */
import type { Clock } from '../clock.ts';
import { Pool } from '../http1/pool.ts';
import { Problem } from '../problem.ts';
import { type Address, connector } from './connector.ts';
import { PeakEwma } from './latency.ts';
import { serverNameOf } from './opener.ts';
import { Outlier } from './outlier.ts';
import { ramp } from './slow-start.ts';

export interface EndpointOptions {
  url: URL;
  weight: number;
  zone: string | undefined;
  /** Whose certificate it has, where the URL does not say: `serverNameOf`. */
  serverName?: string | undefined;
  /** Milliseconds for a connection to open. */
  connectTimeout: number;
  /** Milliseconds over which its share grows to the whole, when it is new or has come back. */
  slowStart: number;
  clock: Clock;
}

/** Below the keep-alive of common servers (node 5 s), so that a reused connection is rarely one that is just closing. */
const KEEP_ALIVE = 4_000;

export class Endpoint {
  readonly url: URL;
  /** `host:port`, its name for ever. */
  readonly authority: string;
  /** The Host it is addressed by; with TLS that of its certificate, since servers may refuse another (RFC 9110 section 7.4). */
  readonly host: string;
  /** The name its certificate must have: `serverNameOf`. */
  readonly serverName: string;
  readonly hostname: string;
  readonly port: number;
  fullWeight: number;
  /** It stands by while one of a lower number is to be had. Set by whoever knows, 0 otherwise. */
  priority = 0;
  zone: string | undefined;
  /** Where active checks ask it, when it says so itself. Set by whoever knows. */
  healthPath: string | undefined;
  readonly latency = new PeakEwma();
  /** As the proxy engine takes it, and connections are opened to it: parsed once, not at every request. */
  readonly target: Address;
  readonly connectTimeout: number;
  readonly pool: Pool;
  /** Tries under way. */
  inFlight = 0;
  /** What active checks say; true where nobody asks. */
  healthy = true;
  readonly outlier: Outlier;
  /** Milliseconds over which its share grows to the whole, when it is new or has come back. */
  slowStart: number;
  /** Lists that it is in: one, or two while a changed service takes the place of another. */
  #lists = 1;
  #closed: Promise<void> | undefined;
  #draining = false;
  readonly #gone = Promise.withResolvers<void>();
  readonly #clock: Clock;

  constructor({ url, weight, zone, serverName, connectTimeout, slowStart, clock }: EndpointOptions) {
    this.url = url;
    this.authority = url.host;
    this.hostname = url.hostname.replace(/^\[|\]$/g, '');
    this.port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
    this.serverName = serverNameOf(url.hostname, serverName);
    const named = url.protocol === 'https:' && serverName !== undefined && this.serverName !== '';
    this.host = named ? `${this.serverName}${url.port && `:${url.port}`}` : url.host;
    this.target = { protocol: url.protocol, hostname: this.hostname, port: this.port, servername: this.serverName };
    this.fullWeight = weight;
    this.slowStart = slowStart;
    this.#clock = clock;
    this.outlier = new Outlier(clock.now());
    this.zone = zone;
    this.connectTimeout = connectTimeout;
    this.pool = new Pool({ connect: connector(this.target, connectTimeout), clock, keepAlive: KEEP_ALIVE });
  }

  get id(): string {
    return this.authority;
  }

  /** Whether it is in the rotation. */
  get available(): boolean {
    return this.healthy && !this.outlier.ejected && !this.#draining;
  }

  /** Nothing new is placed here, whatever becomes of the others; what is under way is finished. Set by whoever knows. */
  get draining(): boolean {
    return this.#draining;
  }

  set draining(draining: boolean) {
    // It comes back as one that is new.
    if (this.#draining && !draining) this.outlier.availableSince = this.#clock.now();
    this.#draining = draining;
  }

  /** Its share beside the others now. */
  get weight(): number {
    if (this.slowStart === 0) return this.fullWeight;
    return this.fullWeight * ramp(this.outlier.availableSince, this.#clock.now(), this.slowStart);
  }

  /** A try has been placed here; it owes a `leave`. */
  enter(): void {
    this.inFlight += 1;
  }

  leave(): void {
    this.inFlight -= 1;
    if (this.#lists === 0 && this.inFlight === 0) void this.close();
  }

  /** Whether somebody has it in a list still. */
  get listed(): boolean {
    return this.#lists > 0;
  }

  /** It is in one more list, from which it must `retire` too. */
  share(): void {
    this.#lists += 1;
  }

  /**
   * It leaves a list. When that was the last, its connections close with the end of the last try, however early that one is on
   * its way. Resolves when they are closed, and at once where another list has it.
   */
  retire(): Promise<void> {
    this.#lists -= 1;
    if (this.#lists > 0) return Promise.resolve();
    if (this.inFlight === 0) void this.close();
    return this.#gone.promise;
  }

  /** Cuts the tries under way, which nobody waits for any more. */
  cut(): void {
    // Also where it is closing already: a connection may be opening still that nobody waits for.
    const gone = this.pool.destroy(new Problem('client-closed'));
    this.#closed ??= gone.finally(this.#gone.resolve);
  }

  /** Closes its connections once the tries under way are done. */
  close(): Promise<void> {
    this.#closed ??= this.pool.close().finally(this.#gone.resolve);
    return this.#closed;
  }
}
