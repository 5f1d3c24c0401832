/** The commands as a shell has to know them, read from the program itself: what is new there is completed too. */
import type { Command } from 'commander';

export interface DescribedOption {
  /** `-c` and `--config`. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly value: Value | undefined;
  /** Whether it takes all values that follow. */
  readonly variadic: boolean;
  /** Whether it may stand there more than once. */
  readonly repeatable: boolean;
}

/** What stands behind an option or in a place: one of some words, a file, or what nobody can guess. */
export interface Value {
  readonly name: string;
  readonly words: readonly string[];
  readonly file: boolean;
}

export interface DescribedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly DescribedOption[];
  readonly places: readonly Value[];
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

export function describeCommands(program: Command): readonly DescribedCommand[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: command.options.map(({ short, long, description, argChoices, required, optional, variadic, flags, defaultValue }) => ({
      flags: [short, long].flatMap((flag) => flag ?? []),
      description,
      value: required || optional ? described(/[<[]([^\].>]+)/.exec(flags)?.[1] ?? '', argChoices) : undefined,
      variadic,
      repeatable: Array.isArray(defaultValue),
    })),
    places: command.registeredArguments.map((argument) => described(argument.name(), argument.argChoices)),
  }));
}

const described = (name: string, choices: readonly string[] | undefined): Value => ({
  name,
  words: choices ?? (name === 'method' ? METHODS : []),
  file: /^files?$/.test(name),
});
