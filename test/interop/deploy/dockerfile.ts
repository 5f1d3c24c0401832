/** A Dockerfile as its stages, each a base and what is done to it. */

export interface Stage {
  readonly base: string;
  /** By which other stages copy from it. */
  readonly name: string | undefined;
  readonly steps: readonly Step[];
}

export interface Step {
  /** `RUN`, `COPY` and so on. */
  readonly instruction: string;
  /** What follows it on its lines, which are one here. */
  readonly rest: string;
}

export function parseDockerfile(text: string): readonly Stage[] {
  const lines = text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: { base: string; name: string | undefined; steps: Step[] }[] = [];
  for (const line of lines) {
    const [, instruction = '', rest = ''] = /^\s*([A-Z]+)\s+(.*)$/s.exec(line) ?? [];
    if (instruction === 'FROM') {
      const [base = '', , name] = rest.split(/\s+/);
      stages.push({ base, name, steps: [] });
    } else {
      stages.at(-1)?.steps.push({ instruction, rest });
    }
  }
  return stages;
}

/** The words of an instruction in exec form. */
export function execForm(rest: string): readonly string[] {
  const words: unknown = JSON.parse(rest);
  if (!Array.isArray(words)) throw new TypeError(`${rest} is no list of words`);
  return words.map(String);
}
