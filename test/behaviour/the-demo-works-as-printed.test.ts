import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { exchange } from '../support/client.ts';
import { freePorts } from '../support/free-ports.ts';

const script = resolve(import.meta.dirname, '../../deploy/example/start.ts');
const variables = [
  'ISSUER',
  'ORDERS',
  'STOCK_A',
  'STOCK_B',
  'USERS',
  'CHAT',
  'OFFERS',
  'PUBLIC',
  'PRIVATE',
  'PUBLIC_ADMIN',
  'PRIVATE_ADMIN',
];

interface Command {
  url: string;
  authorized: boolean;
  data: string | undefined;
  from: string | undefined;
}

describe('the demo works as it prints itself', () => {
  let demo: ChildProcess;
  let printed = '';

  before(async function () {
    this.timeout(30_000);
    const ports = await freePorts(variables.length);
    const environment = Object.fromEntries(variables.map((name, at) => [`${name}_PORT`, String(ports[at])]));
    demo = spawn(process.execPath, [script], { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    await new Promise<void>((found, reject) => {
      demo.stdout?.on('data', (chunk: Buffer) => {
        printed += chunk;
        if (printed.includes('Ctrl-C stops it.')) found();
      });
      demo.stderr?.on('data', (chunk: Buffer) => reject(new Error(String(chunk))));
      demo.once('exit', (code) => reject(new Error(`exited with ${code}: ${printed}`)));
    });
  });
  after(async () => {
    demo.removeAllListeners('exit');
    demo.kill('SIGTERM');
    expect((await once(demo, 'exit'))[0]).to.equal(0);
  });

  it('answers each curl line as the tour says', async () => {
    const token = /TOKEN=(\S+)/.exec(printed)?.[1] ?? '';
    const statuses: number[] = [];
    for (const command of commands(printed)) statuses.push(await run(command, token));
    const order = commands(printed).find(({ data }) => data !== undefined) as Command;
    statuses.push(await run({ ...order, data: '{"item":"\\ud800"}' }, token));
    const issuer = / {2}token issuer +(\S+?)token\?/.exec(printed)?.[1] ?? '';
    statuses.push((await exchange(Number(new URL(issuer).port), 'GET // HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).status);
    expect(statuses).to.deep.equal([200, 401, 200, 201, 400, 200, 200, 200, 404, 200, 403, 200, 200, 200, 200, 200, 400, 400]);
  });
});

function commands(text: string): Command[] {
  return [...text.matchAll(/^ {2}curl (.*)$/gm)].map(([, line = '']) => ({
    url: /http:\/\/\S+/.exec(line)?.[0] ?? '',
    authorized: line.includes('Authorization: Bearer'),
    data: /--json '([^']*)'/.exec(line)?.[1],
    from: /--interface (\S+)/.exec(line)?.[1],
  }));
}

function run({ url, authorized, data, from }: Command, token: string): Promise<number> {
  return new Promise((found, reject) => {
    const headers = {
      ...(authorized ? { authorization: `Bearer ${token}` } : {}),
      ...(data === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const sent = request(url, {
      method: data === undefined ? 'GET' : 'POST',
      headers,
      ...(from === undefined ? {} : { localAddress: from }),
    });
    sent.on('response', (answer) => {
      // Not to its end: an event stream has none.
      answer.destroy();
      found(answer.statusCode ?? 0);
    });
    sent.on('error', reject).end(data);
  });
}
