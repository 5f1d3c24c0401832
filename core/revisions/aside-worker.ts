/** The thread of `aside`: runs one function after the other, and ends with none of their failures. */
import { parentPort } from 'node:worker_threads';
import type { Job, Outcome } from './aside.ts';

const answer = (outcome: Outcome) => parentPort?.postMessage(outcome);

/** One at a time: what awaits leaves none of its time to the next. */
let last: Promise<void> = Promise.resolve();

parentPort?.on('message', (job: Job & { readonly id: number }) => {
  last = last.then(() => run(job));
});

async function run({ id, module, name, given }: Job & { readonly id: number }): Promise<void> {
  try {
    const { [name]: work } = (await import(module)) as Record<string, (...given: readonly unknown[]) => unknown>;
    answer({ id, result: await work?.(...given) });
  } catch (error) {
    answer({ id, problem: error instanceof Error ? error.message : String(error) });
  }
}
