/** `npm start`: the demo services, the token issuer and both gateways in one terminal, and commands to try. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createChat } from './services/chat.ts';
import { createIssuer } from './services/issuer.ts';
import { createOrders } from './services/orders.ts';
import { createStock } from './services/stock.ts';
import { createUsers } from './services/users.ts';

const root = resolve(import.meta.dirname, '../..');
const config = join(import.meta.dirname, 'postern.yaml');
/** The gateways have made it by the time they listen. */
const adminToken = relative(process.cwd(), join(import.meta.dirname, '.postern/admin-token'));
const port = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);

const issuerUrl = `http://127.0.0.1:${port('ISSUER_PORT', 4000)}/`;
const issuer = createIssuer(issuerUrl);
const services: readonly (readonly [Server, number])[] = [
  [issuer.server, port('ISSUER_PORT', 4000)],
  [createOrders(`http://127.0.0.1:${port('PRIVATE_PORT', 8081)}`), port('ORDERS_PORT', 4001)],
  [createStock('stock-a'), port('STOCK_A_PORT', 4002)],
  [createStock('stock-b'), port('STOCK_B_PORT', 4003)],
  [createUsers(), port('USERS_PORT', 4004)],
  [createChat(), port('CHAT_PORT', 4005)],
];

try {
  await Promise.all(services.map(([server, at]) => once(server.listen(at, '127.0.0.1'), 'listening')));
} catch (error) {
  process.stderr.write(
    `The demo cannot start: ${error instanceof Error ? error.message : error}. Stop what uses the port, or set e.g. ORDERS_PORT.\n`,
  );
  process.exit(1);
}

const gateways: readonly [Gateway, Gateway] = [startGateway('public-gateway'), startGateway('private-gateway')];
const [publicAt, privateAt] = await Promise.all(gateways.map(({ listening }) => listening));
process.stdout.write(banner(publicAt as Listening, privateAt as Listening));

interface Listening {
  readonly url: string;
  readonly admin: string;
}

interface Gateway {
  readonly child: ChildProcess;
  readonly listening: Promise<Listening>;
}

/** Runs a gateway as a process of its own and passes its log on. */
function startGateway(name: string): Gateway {
  const child = spawn(process.execPath, ['--max-semi-space-size=64', `${name}/main.ts`, 'start', '-c', config], {
    cwd: root,
    // A process group of its own: Ctrl-C reaches this process alone, which then tells the gateways, once.
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.once('exit', (code) => stop(code ?? 1));
  const lines = createInterface({ input: child.stdout });
  const listening = new Promise<Listening>((found) => {
    lines.on('line', (line) => {
      process.stdout.write(`${line}\n`);
      if (line.includes('"event":"listening"')) found(JSON.parse(line));
    });
  });
  return { child, listening };
}

let stopping = false;

/** One gateway that ends ends the demo. */
function stop(code: number): void {
  if (stopping) return;
  stopping = true;
  for (const { child } of gateways) child.kill('SIGTERM');
  process.exitCode = code;
  for (const [server] of services) {
    server.close();
    server.closeAllConnections();
  }
}
// Gateways of their own process group would outlive a demo that fails.
process.on('exit', () => gateways.forEach(({ child }) => void child.kill('SIGTERM')));
process.on('SIGINT', () => stop(0)).on('SIGTERM', () => stop(0));

function banner(edge: Listening, inside: Listening): string {
  const token = issuer.token('ada', 'orders:read orders:write');
  return `
Postern is running.

  public gateway   ${edge.url}   (dashboard ${edge.admin})
  private gateway  ${inside.url}   (dashboard ${inside.admin})
  token issuer     ${issuerUrl}token?sub=ada

Try it, in another terminal:

  TOKEN=${token}

  curl -i ${edge.url}/catalogue/lamp
  curl -i ${edge.url}/orders
  curl -i ${edge.url}/orders -H "Authorization: Bearer $TOKEN"
  curl -i ${edge.url}/orders -H "Authorization: Bearer $TOKEN" --json '{"item":"desk"}'
  curl -i ${edge.url}/orders -H "Authorization: Bearer $TOKEN" --json '{"item":7,"price":0}'
  curl -i ${edge.url}/me -H "Authorization: Bearer $TOKEN"
  curl -i ${edge.url}/offers
  curl -i ${edge.url}/home -H "Authorization: Bearer $TOKEN"
  curl -i ${edge.url}/stock/lamp
  curl -i ${inside.url}/stock/lamp
  curl -i ${inside.url}/stock/lamp --interface 127.0.0.2
  curl -s ${edge.admin}/openapi.json
  curl -s ${edge.admin}/metrics | grep http_server_request_duration_seconds_count
  curl -s ${edge.admin}/stats
  curl -s --max-time 2 ${edge.admin}/hystrix.stream
  curl -s ${edge.admin}/services/stock/endpoints

Change it while it runs (README, of the same name), with the token of the admin API:

  ADMIN=$(cat ${adminToken})

Ctrl-C stops it.

`;
}
