/** A gateway that runs, as whoever started it sees it. */
import type { RegistryView } from './registry/view.ts';
import type { Reloading } from './reload/reloading.ts';

export interface RunningGateway {
  /** Where it is called, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Where its admin port is. */
  readonly admin: string;
  /** The embedded registry, where this gateway runs it. */
  readonly registry?: { readonly url: string; readonly view: RegistryView };
  /** What is to be had there, on the admin port and in the registry, and nowhere else. */
  readonly inside: readonly string[];
  /** Takes up another configuration while it runs. */
  readonly reloading: Reloading;
  /** Tells of a failure that nobody waited for, if a user's filter left it behind; whether it did. */
  strayed(error: unknown): boolean;
  /** Stops gracefully; resolves with the number of requests that had to be cut. */
  drain(): Promise<number>;
  /** Stops now. */
  stop(): Promise<void>;
}
