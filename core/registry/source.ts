/** Where the endpoints of a service come from: the one interface of files, DNS, registries and clusters. */

/** An endpoint as a source has it. */
export interface Discovered {
  /** `http://host:port` or `https://host:port`: its name for ever. One answer has each once. */
  readonly origin: string;
  /** Its share beside the others; more than 0. */
  readonly weight: number;
  /** Used only while none of a lower number is to be had; 0 unless given. */
  readonly priority?: number | undefined;
  readonly zone?: string | undefined;
  /** Nothing new is to be placed there. */
  readonly drain?: boolean | undefined;
  /** The name that its certificate must have; the host of `origin` unless given. */
  readonly serverName?: string | undefined;
  /** Where active checks ask it, instead of the path configured for the service. */
  readonly healthPath?: string | undefined;
}

/** Whoever was asked is about to know, and says so: no answer, and no failure either. */
export class NotYet extends Error {
  override readonly name = 'NotYet';
}

/** That a source does not know what is now, since when, and why. */
export interface Failure {
  /** Milliseconds on the clock of `core/clock.ts`. */
  readonly since: number;
  readonly why: string;
}

export interface Source {
  /** The last answer, which a failure leaves as it was; undefined before the first. */
  readonly answer: readonly Discovered[] | undefined;
  /** Whether it has answered itself, where the answer may be that of an earlier run; unless given, when there is an answer. */
  readonly answered?: boolean;
  /** Milliseconds since 1970 until which the answer was known to be so, where it is that of an earlier run. */
  readonly asOf?: number | undefined;
  /** Undefined while the source answers. */
  readonly failure: Failure | undefined;
  /** Whether the answer is a fixed list, of which nothing is ever stale. */
  readonly fixed: boolean;
  /** Begins to ask; `onChange` is called after each answer and each failure, perhaps before `start` returns. */
  start(onChange: () => void): void;
  /** Ends it for good; nothing of it is left, and `onChange` is called no more. */
  stop(): void;
}
