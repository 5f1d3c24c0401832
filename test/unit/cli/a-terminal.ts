/** Runs the command line in this process and keeps what it writes. */
import { runCli } from '../../../core/cli/cli.ts';
import type { Profile } from '../../../core/profile.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const profile = (section: 'public' | 'private'): Profile => ({
  name: `${section}-gateway`,
  section,
  tellsInternals: section === 'private',
  settings: (config) => config[section],
  pipeline: () => [],
});

export async function run(argv: readonly string[], section: 'public' | 'private' = 'public'): Promise<Ran> {
  const written = { out: '', err: '' };
  const terminal = {
    out: (text: string) => {
      written.out += text;
    },
    err: (text: string) => {
      written.err += text;
    },
  };
  const code = await runCli(profile(section), argv, terminal);
  return { code, ...written };
}
