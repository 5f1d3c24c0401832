/** A text of the configuration as the API reads it; a large one aside, and none twice in a row. */
import { type Finding, findingDocument, formatPath, type Path } from '../../config/finding.ts';
import { differences } from '../../revisions/differences.ts';
import type { Revision } from '../../revisions/file.ts';
import { editText, readText } from '../../revisions/text.ts';
import { at, isMapping, type Written, type WrittenMap } from '../../revisions/written.ts';
import { AdminProblem } from '../problem.ts';
import { revealed } from './hidden.ts';

/** The file as it is, or will be. */
export interface Reading extends Revision {
  /** @throws AdminProblem where the text is no YAML */
  readonly config: WrittenMap;
  readonly isBroken: boolean;
  /** The text with a value at a place, or without it; what is hidden in the value is what stands there. @throws AdminProblem @throws EditError */
  edit(path: Path, value: Written | undefined): Promise<string>;
}

/** Of a text that was read lately nothing is read again: that of a thousand routes takes a while. */
const LATELY = 4;

export function readings(file: string): (of: Revision) => Promise<Reading> {
  const known = new Map<string, Promise<Reading>>();
  return ({ text, revision }) => {
    const reading = known.get(revision) ?? read(text, revision, file);
    known.delete(revision);
    known.set(revision, reading);
    // What failed for another reason than the text is tried again.
    reading.catch(() => known.delete(revision));
    for (const [oldest] of known) if (known.size > LATELY) known.delete(oldest);
    return reading;
  };
}

async function read(text: string, revision: string, file: string): Promise<Reading> {
  let config: WrittenMap = {};
  let broken: AdminProblem | undefined;
  try {
    const whole = await readText(text);
    if (isMapping(whole)) config = whole;
  } catch (error) {
    const message = `is no YAML: ${error instanceof Error ? error.message : String(error)}`;
    const finding: Finding = { severity: 'error', file, line: 1, column: 1, path: [], message };
    broken = new AdminProblem('configuration-refused', { headers: { ETag: etagOf(revision) }, members: { findings: told([finding]) } });
  }
  const whole = (): WrittenMap => {
    if (broken) throw broken;
    return config;
  };
  return {
    text,
    revision,
    get config() {
      return whole();
    },
    isBroken: broken !== undefined,
    edit: async (path, value) => editText(text, path, value && revealed(value, at(whole(), path), path)),
  };
}

/** The keys that are not the same; of a text that is no YAML, there are none before. */
export function changedKeys(before: Reading, after: Reading): string[] {
  const [from, to] = [before, after].map((one) => (one.isBroken ? {} : one.config)) as [Written, Written];
  return differences(from, to).map(({ path }) => formatPath(path));
}

export const etagOf = (revision: string): string => `"${revision}"`;

/** In the words of `check`. */
export const told = (findings: readonly Finding[]): readonly object[] => findings.map(findingDocument);
