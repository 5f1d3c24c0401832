/** lighttpd, Debian's: a real web server to stand behind a gateway. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { accepting } from './program.ts';

export interface Lighttpd {
  /** The request lines it has logged so far. */
  requests(): string[];
}

/** Starts it with the given modules and directives; it writes one line a request, its request line and the status, at once. */
export async function startLighttpd(bench: Bench, port: number, modules: readonly string[], directives: string): Promise<Lighttpd> {
  const root = await bench.directory();
  const log = join(await bench.directory(), 'requests');
  // A piped log is written at once; a log file only every few seconds.
  const file = await bench.file(
    'lighttpd.conf',
    `
server.modules = (${['mod_accesslog', ...modules].map((name) => JSON.stringify(name)).join(', ')})
server.bind = "127.0.0.1"
server.port = ${port}
server.document-root = ${JSON.stringify(root)}
mimetype.assign = (".json" => "application/json")
accesslog.filename = ${JSON.stringify(`|exec cat >> ${log}`)}
accesslog.format = "%r %s"
${directives}
`,
  );
  const program = bench.start('/usr/sbin/lighttpd', ['-D', '-f', file]);
  await accepting(program, port);
  return { requests: () => readFileSync(log, 'utf8').split('\n').slice(0, -1) };
}
