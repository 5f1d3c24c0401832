/** What every subcommand has in common: where it writes, how it ends, and the option that names the configuration. */
import { isatty } from 'node:tty';
import { type Command, Option } from 'commander';
import { wantsColour } from '../config/colour.ts';
import type { Profile } from '../profile.ts';
import { openScreen, type Screen } from './top/screen.ts';

export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether what goes out is shown in colours. */
  readonly colour: boolean;
  /** Whether nobody reads any more what goes out. */
  readonly left?: boolean;
  /** Takes the whole terminal over; undefined where there is none. */
  screen?(): Screen | undefined;
}

let left = false;

export const processTerminal: Terminal = {
  out: writer('stdout'),
  err: writer('stderr'),
  screen: () => openScreen(),
  get left() {
    return left;
  },
  get colour() {
    return wantsColour(isatty(1));
  },
};

/** The stream is first touched when there is something to write: a running gateway has the log on its standard output. */
function writer(name: 'stdout' | 'stderr'): (text: string) => void {
  let stream: NodeJS.WriteStream | undefined;
  return (text) => {
    stream ??= process[name].on('error', passOver);
    stream.write(text);
  };
}

/** Whoever read may have read enough (`| head`), which is no failure. */
function passOver(error: NodeJS.ErrnoException): void {
  left = true;
  // What could not be written, as on a full disk, is one; the exit code may be set after this.
  if (error.code !== 'EPIPE') process.once('exit', () => (process.exitCode ||= exitCodes.failed));
}

export interface Invocation {
  readonly profile: Profile;
  readonly terminal: Terminal;
  /** Sets the exit code. */
  exit(code: number): void;
}

/** Adds itself to the program. */
export type Subcommand = (program: Command, invocation: Invocation) => void;

/** The command line is wrong in a way that its grammar does not show. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface ConfigOption {
  config: string;
}

export const withConfig = (command: Command): Command => command.option('-c, --config <file>', 'the configuration', 'postern.yaml');

export interface FormatOption {
  format: 'text' | 'json';
}

/** Whatever happens, one JSON document goes out then, errors included; the exit code is the same. */
export const withFormat = (command: Command): Command =>
  command.addOption(new Option('-f, --format <format>', 'text for people, json for programs').choices(['text', 'json']).default('text'));

/** Before the command line is understood: an error of its grammar is told in JSON too. */
export const asksForJson = (argv: readonly string[]): boolean =>
  argv.some((one, at) => one === '--format=json' || one === '-fjson' || (/^(?:-f|--format)$/.test(one) && argv[at + 1] === 'json'));
