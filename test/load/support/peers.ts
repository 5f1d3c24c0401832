/**
 * The proxies that Postern is measured beside, each set up by its own documentation for the same work: one core,
 * connections kept alive on both sides, the forwarding headers set, no access log, bodies passed on as they come.
 */
import { answering, freePort } from './listening.ts';
import { measuredCore } from './machine.ts';
import { nodeCommand } from './node.ts';
import type { Running, Workspace } from './workspace.ts';

export interface RunningProxy {
  url: string;
  pid: number;
}

export type StartProxy = (space: Workspace, origin: string) => Promise<RunningProxy>;

export const startNginx: StartProxy = async (space, origin) => {
  const port = await freePort();
  const config = space.write(
    'nginx.conf',
    `
    daemon off;
    worker_processes 1;
    pid ${space.directory}/nginx.pid;
    error_log stderr error;
    events { worker_connections 8192; }
    http {
      access_log off;
      client_body_temp_path ${space.directory}/nginx-body;
      proxy_temp_path ${space.directory}/nginx-proxy;
      keepalive_requests 1000000000;
      tcp_nopush on;
      upstream origin { server ${new URL(origin).host}; keepalive 512; keepalive_requests 1000000000; }
      server {
        listen 127.0.0.1:${port} backlog=4096;
        location / {
          proxy_pass http://origin;
          proxy_http_version 1.1;
          proxy_set_header Connection "";
          proxy_set_header Host $host;
          proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
          proxy_set_header X-Forwarded-Proto $scheme;
          proxy_set_header X-Forwarded-Host $http_host;
          # As it comes nginx would write what a slow reader has not taken to a file.
          proxy_max_temp_file_size 0;
          proxy_buffers 16 32k;
        }
      }
    }
  `,
  );
  return startPeer(space, 'nginx', port, ['nginx', '-p', space.directory, '-c', config]);
};

export const startHaproxy: StartProxy = (space, origin) => startHaproxyAs(space, origin, ['-db']);

/** With a master, which starts another worker at SIGUSR2 and gives it the sockets. */
export const startHaproxyMaster: StartProxy = (space, origin) => startHaproxyAs(space, origin, ['-W', '-db']);

async function startHaproxyAs(space: Workspace, origin: string, mode: readonly string[]): Promise<RunningProxy> {
  const port = await freePort();
  const config = space.write(
    'haproxy.cfg',
    `
global
  nbthread 1
  maxconn 8192
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option http-keep-alive
  http-reuse always
  option forwardfor
frontend public
  bind 127.0.0.1:${port} backlog 4096
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  default_backend origin
backend origin
  server one ${new URL(origin).host} pool-max-conn 512
`,
  );
  return startPeer(space, 'haproxy', port, ['haproxy', ...mode, '-f', config]);
}

export const startCaddy: StartProxy = async (space, origin) => {
  const port = await freePort();
  const config = space.write(
    'Caddyfile',
    `
{
  admin off
  auto_https off
  log {
    level ERROR
  }
}
http://127.0.0.1:${port} {
  bind 127.0.0.1
  reverse_proxy ${origin} {
    transport http {
      compression off
      keepalive_idle_conns 512
      keepalive_idle_conns_per_host 512
    }
  }
}
`,
  );
  return startPeer(space, 'caddy', port, ['caddy', 'run', '--config', config, '--adapter', 'caddyfile'], {
    GOMAXPROCS: '1',
    HOME: space.directory,
    XDG_DATA_HOME: space.directory,
    XDG_CONFIG_HOME: space.directory,
  });
};

export const startFastify: StartProxy = async (space, origin) => {
  const port = await freePort();
  return startPeer(space, 'fastify', port, nodeCommand([], 'test/load/support/fastify-proxy.ts', String(port), origin));
};

async function startPeer(space: Workspace, name: string, port: number, command: string[], env = {}): Promise<RunningProxy> {
  const base = `http://127.0.0.1:${port}`;
  const running: Running = await space.start({
    name,
    command,
    env,
    core: measuredCore,
    ready: answering(base, '/small'),
  });
  return { url: running.announced, pid: running.pid };
}
