/** How the registry is read in its own process: by the event stream, and by whoever started the gateway. */
import type { Instance } from './instance.ts';

export interface Change {
  /** Counts the changes since the registry began. */
  readonly version: number;
  /** As it is now; its `actionType` says what happened to it. */
  readonly instance: Instance;
}

export interface RegistryView {
  /** The instances of an application, whatever their status. @param app in any case */
  instances(app: string): readonly Instance[];
  /** Calls back at every change, before the answer to who caused it. @returns what ends that */
  onChange(listener: (change: Change) => void): () => void;
}
