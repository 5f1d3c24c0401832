/** The flags of a benchmark: every one has a value and a default, and --help prints them. */
import { parseArgs } from 'node:util';

export interface Option {
  default: string;
  help: string;
}

export class Options<Name extends string> {
  readonly #values: ReadonlyMap<string, string>;

  constructor(purpose: string, known: Record<Name, Option>) {
    const options: Record<string, { type: 'string' | 'boolean' }> = { help: { type: 'boolean' } };
    const entries = Object.entries<Option>(known);
    for (const [name] of entries) options[name] = { type: 'string' };
    const { values } = parse(options);
    if (values.help === true) {
      console.log(`${purpose}\n`);
      for (const [name, { default: otherwise, help }] of entries) {
        console.log(`  --${name.padEnd(14)} ${help}${otherwise === '' ? '' : ` (default ${otherwise})`}`);
      }
      process.exit(0);
    }
    this.#values = new Map(entries.map(([name, option]) => [name, String(values[name] ?? option.default)]));
  }

  text(name: Name): string {
    return this.#values.get(name) ?? '';
  }

  count(name: Name): number {
    const value = Number(this.text(name));
    if (!(value > 0)) return refuse(`--${name} takes a number above zero, not ${this.text(name)}`);
    return value;
  }

  /** A comma-separated choice; all of them when empty. */
  choice<Known extends string>(name: Name, among: readonly Known[]): Known[] {
    const wanted = this.text(name)
      .split(',')
      .map((word) => word.trim())
      .filter(Boolean);
    const unknown = wanted.find((word) => !among.some((one) => one === word));
    if (unknown !== undefined) return refuse(`--${name} ${unknown}: choose among ${among.join(', ')}`);
    return among.filter((one) => wanted.length === 0 || wanted.includes(one));
  }
}

function parse(options: Record<string, { type: 'string' | 'boolean' }>) {
  try {
    return parseArgs({ options, strict: true });
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}
