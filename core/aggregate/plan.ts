/** In which order the parts of an answer are had: all at once, but each behind those it is made from. Knows nothing of HTTP. */
import { partsIn } from '../config/part-path.ts';
import type { AggregateConfig, PartConfig } from '../config/schema/index.ts';
import { asProblem, Problem } from '../problem.ts';
import { compilePartPath, type PathMaker } from './part-path.ts';

export interface Part {
  readonly name: string;
  readonly config: PartConfig;
  readonly pathOf: PathMaker;
  /** Names of the parts that must be there before. */
  readonly needs: readonly string[];
}

/** What became of a part. */
export type PartResult<T> = { readonly value: T; readonly problem?: undefined } | { readonly problem: Problem; readonly value?: undefined };

export function compileParts({ parts }: AggregateConfig): readonly Part[] {
  return Object.entries(parts).map(([name, config]) => ({
    name,
    config,
    pathOf: compilePartPath(config.path),
    needs: [...new Set(partsIn(config.path))],
  }));
}

/**
 * Has every part once, in the order of the configuration. A part whose needs are not met is not asked for.
 *
 * @param have asks for one, given those it needs
 * @throws what a required part failed with, as soon as it did
 */
export async function haveAll<T>(
  parts: readonly Part[],
  have: (part: Part, others: ReadonlyMap<string, T>) => Promise<T>,
): Promise<ReadonlyMap<string, PartResult<T>>> {
  const byName = new Map(parts.map((part) => [part.name, part]));
  const begun = new Map<string, Promise<PartResult<T>>>();

  const begin = (part: Part): Promise<PartResult<T>> => {
    const earlier = begun.get(part.name);
    if (earlier) return earlier;
    const result = run(part).catch((error: unknown): PartResult<T> => {
      if (part.config.required) throw error;
      return { problem: asProblem(error) };
    });
    begun.set(part.name, result);
    return result;
  };

  const run = async (part: Part): Promise<PartResult<T>> => {
    const others = new Map<string, T>();
    const needed = part.needs.flatMap((name) => byName.get(name) ?? []);
    const results = await Promise.all(needed.map(async (other) => ({ name: other.name, ...(await begin(other)) })));
    for (const { name, problem, value } of results) {
      if (problem) throw new Problem('part-unavailable', { detail: `It is made from ${name}, which failed.`, cause: problem });
      others.set(name, value);
    }
    return { value: await have(part, others) };
  };

  const results = await Promise.all(parts.map(async (part) => [part.name, await begin(part)] as const));
  return new Map(results);
}
