/**
 * The service behind every proxy, and where telemetry goes: one nginx process on core 0. It is the cheapest origin there
 * is, so what is measured is the proxy.
 *
 *   /small   60 bytes of JSON      /64k, /1m   files of that size      /v1/*   an OTLP receiver that reads and forgets
 *   /told/*  60 bytes, with the status 200, or 404 or 409 by `?status=`
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answering, freePort } from './listening.ts';
import { otherCore } from './machine.ts';
import type { Workspace } from './workspace.ts';

export const sizes = { small: '60 B', '64k': '64 KiB', '1m': '1 MB' } as const;
export type Size = keyof typeof sizes;

export interface Origin {
  url: string;
  pid: number;
  /** How many batches of telemetry it was sent, by path. */
  telemetry(): Record<string, number>;
}

const small = '{"id":"order-000042","state":"shipped","total":1299,"qty":1}';

export async function startOrigin(space: Workspace): Promise<Origin> {
  const files = join(space.directory, 'files');
  mkdirSync(files);
  writeFileSync(join(files, '64k'), 'x'.repeat(64 * 1024));
  writeFileSync(join(files, '1m'), 'x'.repeat(1_000_000));
  const received = space.write('telemetry.log', '');
  const port = await freePort();
  const config = space.write(
    'origin.conf',
    `
    daemon off;
    worker_processes 1;
    pid ${space.directory}/origin.pid;
    error_log stderr error;
    events { worker_connections 4096; }
    http {
      access_log off;
      client_body_temp_path ${space.directory}/origin-body;
      client_max_body_size 64m;
      sendfile on;
      tcp_nopush on;
      open_file_cache max=10;
      keepalive_requests 1000000000;
      keepalive_timeout 1h;
      log_format path '$uri';
      server {
        listen 127.0.0.1:${port} backlog=4096;
        default_type application/octet-stream;
        root ${files};
        location = /small { default_type application/json; return 200 '${small}'; }
        location /v1/ { access_log ${received} path; default_type application/x-protobuf; return 200 ''; }
        location /told/ {
          default_type application/json;
          if ($arg_status = 404) { return 404 '${small}'; }
          if ($arg_status = 409) { return 409 '${small}'; }
          return 200 '${small}';
        }
        location /routes/ { default_type application/json; return 200 '${small}'; }
      }
    }
  `,
  );
  const url = `http://127.0.0.1:${port}`;
  const running = await space.start({
    name: 'origin',
    core: otherCore,
    command: ['nginx', '-p', space.directory, '-c', config],
    ready: answering(url, '/small'),
  });
  return {
    url,
    pid: running.pid,
    telemetry() {
      const counts: Record<string, number> = {};
      for (const path of readFileSync(received, 'utf8').split('\n').filter(Boolean)) counts[path] = (counts[path] ?? 0) + 1;
      return counts;
    },
  };
}
