/** Stands before a registry, passes everything on, and knows what was asked. */
import { createServer, request } from 'node:http';
import type { Bench } from '../support/bench.ts';

export interface Recorder {
  /** E.g. `http://127.0.0.1:8762/eureka`. */
  readonly url: string;
  /** Such as `GET /eureka/apps/delta`, in order. */
  readonly asked: readonly string[];
}

/** @param registry e.g. `http://127.0.0.1:8761/eureka` */
export async function startRecorder(bench: Bench, registry: string): Promise<Recorder> {
  const { hostname, port, pathname } = new URL(registry);
  const asked: string[] = [];
  const server = createServer((near, answer) => {
    const { method, url: path, headers } = near;
    asked.push(`${method} ${path}`);
    const far = request({ hostname, port, method, path, headers, agent: false }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    far.on('error', () => answer.destroy());
    answer.on('close', () => far.destroy());
    near.pipe(far);
  });
  return { url: `http://127.0.0.1:${await bench.listen(server)}${pathname}`, asked };
}
