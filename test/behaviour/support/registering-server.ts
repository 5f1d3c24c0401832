/**
 * A service that is a process of its own and says so to a registry, as Eureka's clients do: it registers, sends heartbeats, and
 * registers again when the registry does not know it. Told to end (SIGTERM) it deregisters, goes on until nobody has asked it
 * anything for a while, finishes, and exits. Arguments: the registry's URL, the application. Its first line is its port.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const [registry = '', app = ''] = process.argv.slice(2);

/** Milliseconds. The lease is long enough for a busy machine, and short enough for a test. */
const BEAT = 200;
const QUIET = 1_000;
const lease = { renewalIntervalInSecs: 1, durationInSecs: 2 };

let lastAsked = performance.now();
const server = createServer((req, res) => {
  lastAsked = performance.now();
  let received = 0;
  req.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  req.on('end', () => {
    const answer = JSON.stringify({ by: process.pid, method: req.method, received });
    res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(answer) }).end(answer);
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;

const instance = {
  instanceId: `${app}-${port}`,
  hostName: '127.0.0.1',
  app,
  ipAddr: '127.0.0.1',
  status: 'UP',
  port: { $: port, '@enabled': 'true' },
  leaseInfo: lease,
  dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
};
const own = `${registry}/apps/${app}/${instance.instanceId}`;
const tell = async (method: string, url: string, document?: object): Promise<number> => {
  const body = document ? { body: JSON.stringify(document), headers: { 'content-type': 'application/json' } } : {};
  return (await fetch(url, { method, ...body, signal: AbortSignal.timeout(2_000) })).status;
};
const register = () => tell('POST', `${registry}/apps/${app}`, { instance });

if ((await register()) !== 204) throw new Error('the registry did not take it');
process.stdout.write(`${port}\n`);

let ending = false;
process.once('SIGTERM', () => {
  ending = true;
});
while (!ending) {
  await pause(BEAT);
  // A registry that is not there is tried again.
  if ((await tell('PUT', own).catch(() => 0)) === 404) await register().catch(() => 0);
}
await tell('DELETE', own);
lastAsked = performance.now();
while (performance.now() - lastAsked < QUIET) await pause(BEAT);
server.close();
