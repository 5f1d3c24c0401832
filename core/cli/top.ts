/** `top`: who and what is busy in a running gateway, as a live table. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { loadChecked } from '../check/routes.ts';
import { calledHere } from '../config/hosts.ts';
import type { LoadedConfig } from '../config/load.ts';
import { windows } from '../telemetry/rolling-slices.ts';
import { painter } from './paint.ts';
import { type ConfigOption, type FormatOption, type Subcommand, type Terminal, UsageError, withConfig, withFormat } from './terminal.ts';
import { INTERVAL, live } from './top/live.ts';
import { type AdminPort, createReader, type Reader, type Reading } from './top/reader.ts';
import { drawTable } from './top/table.ts';

interface TopOptions extends ConfigOption, FormatOption {
  admin?: string;
  tokenFile?: string;
  window: string;
  once?: boolean;
}

export const topCommand: Subcommand = (program, { profile, terminal }) => {
  withFormat(withConfig(program.command('top').description('show what a running gateway is busy with, each second anew')))
    .option('--admin <url>', 'its admin port; by default the one of the configuration')
    .option('--token-file <file>', 'where its token is; by default where the gateway keeps the one that it made')
    .addOption(new Option('--window <window>', 'what the figures are of').choices(Object.keys(windows)).default('10s'))
    .option('--once', 'print one table and exit, as where there is no terminal')
    .action(async (options: TopOptions, command: Command) => {
      const { window, once = false, format } = options;
      const reader = createReader(portOf(options, profile.section, command));
      try {
        const screen = once || format === 'json' ? undefined : terminal.screen?.();
        if (screen !== undefined) await live(screen, reader, window, painter(terminal.colour));
        else if (format === 'json') await lines(reader, window, once, terminal);
        else
          terminal.out(
            `${drawTable(await whole(reader, window), { view: 'overview', order: 'requests' }, { columns: undefined, rows: undefined }, painter(terminal.colour)).join('\n')}\n`,
          );
      } finally {
        reader.close();
      }
    });
};

/** With the state of the circuits, which comes a little later. */
async function whole(reader: Reader, window: string): Promise<Reading> {
  await reader.read(window);
  await reader.settled;
  return reader.read(window);
}

async function lines(reader: Reader, window: string, once: boolean, terminal: Terminal): Promise<void> {
  const print = ({ stats, circuits }: Reading) => terminal.out(`${JSON.stringify({ ...stats, circuits: Object.fromEntries(circuits) })}\n`);
  print(await whole(reader, window));
  while (!once && !terminal.left) {
    await pause(INTERVAL);
    print(await reader.read(window));
  }
}

function portOf({ admin, tokenFile, config: file }: TopOptions, section: 'public' | 'private', command: Command): AdminPort {
  const given = tokenFile === undefined ? undefined : tokenIn(tokenFile);
  if (admin !== undefined) {
    const url = URL.parse(admin);
    if (url === null || !/^https?:$/.test(url.protocol)) throw new UsageError(`${admin} is no http or https URL`);
    // The token of the configuration is for its own gateway.
    return {
      url,
      token: given ?? (command.getOptionValueSource('config') === 'cli' ? ownToken(loadChecked(file, { section }), section) : undefined),
    };
  }
  const loaded = loadChecked(file, { section });
  const listening = loaded.config[section].admin;
  if (listening.port === 0) throw new UsageError(`${section}.admin.port of ${file} is any that is free: name it with --admin`);
  return { url: new URL(`http://${calledHere(listening)}/`), token: given ?? ownToken(loaded, section) };
}

/** As it is configured, or as the gateway keeps it when it has made it itself; undefined where it is not for us to read. */
function ownToken({ config, directory }: LoadedConfig, section: 'public' | 'private'): string | undefined {
  const { token } = config[section].admin;
  const { lastKnown: folder } = config.registry;
  if (token !== undefined || folder === false) return token;
  try {
    return tokenIn(join(resolve(directory, folder), 'admin-token'));
  } catch {
    return undefined;
  }
}

function tokenIn(file: string): string {
  const token = readFileSync(file, 'utf8').trim();
  if (!/^[!-~]+$/.test(token)) throw new UsageError(`${file} holds no token`);
  return token;
}
