/**
 * Work that would hold up the traffic is done by a thread of its own, which begins when it is first needed and ends when nobody has
 * needed it for a while.
 */
import { Worker } from 'node:worker_threads';

/** A function that a module exports, what it is given, and what it gives; both are copied. */
export interface Job {
  /** A URL. */
  readonly module: string;
  readonly name: string;
  readonly given: readonly unknown[];
}

export type Outcome = { readonly id: number; readonly result: unknown } | { readonly id: number; readonly problem: string };

/** Milliseconds that the thread stays without work, and that one job may take. */
const IDLE = 120_000;
const LONGEST = 60_000;

/** MiB of its heap. */
const HEAP = 1024;

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
  readonly over: NodeJS.Timeout;
}

let thread: Worker | undefined;
let idle: NodeJS.Timeout | undefined;
let jobs = 0;
const waiting = new Map<number, Waiting>();

/** @throws Error for what the function throws, by its message alone, and where it takes too long or too much */
export function aside<T>(job: Job): Promise<T> {
  clearTimeout(idle);
  thread ??= begin();
  const worker = thread;
  worker.ref();
  jobs += 1;
  const id = jobs;
  return new Promise<T>((resolve, reject) => {
    const over = setTimeout(() => end(worker, new Error(`It took more than ${LONGEST / 1000} s`)), LONGEST).unref();
    waiting.set(id, { resolve: resolve as Waiting['resolve'], reject, over });
    worker.postMessage({ ...job, id });
  });
}

function begin(): Worker {
  const worker = new Worker(new URL('aside-worker.ts', import.meta.url), {
    name: 'aside',
    resourceLimits: { maxOldGenerationSizeMb: HEAP },
    // What it would need of them is given with the job.
    env: {},
  });
  worker.on('message', (outcome: Outcome) => {
    const one = waiting.get(outcome.id);
    if (!one) return;
    waiting.delete(outcome.id);
    clearTimeout(one.over);
    if ('problem' in outcome) one.reject(new Error(outcome.problem));
    else one.resolve(outcome.result);
    if (waiting.size > 0) return;
    worker.unref();
    idle = setTimeout(() => end(worker), IDLE).unref();
  });
  worker.on('error', (error) => end(worker, error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', () => end(worker, new Error('The thread has ended')));
  return worker;
}

function end(worker: Worker, why = new Error('The thread is ended')): void {
  if (thread !== worker) return;
  thread = undefined;
  clearTimeout(idle);
  void worker.terminate();
  const left = [...waiting.values()];
  waiting.clear();
  for (const { reject, over } of left) {
    clearTimeout(over);
    reject(why);
  }
}
