/** Runs the command line in this process and keeps what it writes. */
import { runCli } from '../../../core/cli/cli.ts';
import { privateGateway } from '../../../private-gateway/profile.ts';
import { publicGateway } from '../../../public-gateway/profile.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const profiles = { public: publicGateway, private: privateGateway };

export async function run(argv: readonly string[], section: 'public' | 'private' = 'public', colour = false): Promise<Ran> {
  const written = { out: '', err: '' };
  const terminal = {
    colour,
    out: (text: string) => {
      written.out += text;
    },
    err: (text: string) => {
      written.err += text;
    },
  };
  const code = await runCli(profiles[section], argv, terminal);
  return { code, ...written };
}
