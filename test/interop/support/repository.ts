/** A bare repository served over smart HTTP by git's own `http-backend`, as CGI of lighttpd. */
import { join } from 'node:path';
import { type Bench, freePort } from './bench.ts';
import { type Lighttpd, startLighttpd } from './lighttpd.ts';
import { type Finished, run } from './program.ts';

export interface GitServer {
  readonly url: string;
  /** Where the bare repository `hello.git` lies on disk. */
  readonly repository: string;
  readonly lighttpd: Lighttpd;
}

export async function startGitServer(bench: Bench): Promise<GitServer> {
  const projects = await bench.directory();
  const repository = join(projects, 'hello.git');
  await git(['init', '--quiet', '--bare', '--initial-branch=main', repository]);
  await git(['-C', repository, 'config', 'http.receivepack', 'true']);
  const port = await freePort();
  const lighttpd = await startLighttpd(
    bench,
    port,
    ['mod_alias', 'mod_cgi', 'mod_setenv'],
    `
alias.url = ("/git" => "/usr/lib/git-core/git-http-backend")
server.stream-response-body = 2
$HTTP["url"] =~ "^/git/" {
  cgi.assign = ("" => "")
  setenv.set-environment = ("GIT_PROJECT_ROOT" => ${JSON.stringify(projects)}, "GIT_HTTP_EXPORT_ALL" => "1")
}
`,
  );
  return { url: `http://127.0.0.1:${port}`, repository, lighttpd };
}

/** Runs git without any configuration of the machine or its user, and without questions. */
export function git(args: readonly string[], environment: Record<string, string> = {}): Promise<Finished> {
  const who = ['-c', 'user.name=Interop', '-c', 'user.email=interop@example.test'];
  return run('git', [...who, ...args], {
    env: {
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      HOME: '/nonexistent',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      ...environment,
    },
  });
}
