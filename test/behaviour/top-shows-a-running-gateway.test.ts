import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { open, type TestGateway } from '../support/gateways.ts';
import { run } from '../unit/cli/a-terminal.ts';
import { ask, askInside } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';

const root = resolve(import.meta.dirname, '../..');
const ENTER = '\u001b[?1049h';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';

describe('top shows a running gateway', function () {
  // A process of its own has to start, at times on a busy machine.
  this.timeout(60_000);
  const servers = serversOfThisSuite();
  let gateway: TestGateway;

  before(async () => {
    const upstream = await servers.upstream((_, res) => res.writeHead(200).end('ok'));
    gateway = await servers.public(open(upstream.url));
    for (let count = 0; count < 3; count += 1) await ask(gateway.port, '/');
    const counted = async () => JSON.parse((await askInside(Number(new URL(gateway.admin).port), '/stats')).body).total.requests;
    await eventually(counted, (count) => count === 3);
  });

  it('once, where there is no terminal, with the state of the circuits', async () => {
    const { code, out, err } = await run(['top', '--admin', gateway.admin, '--window', '1m']);
    expect({ code, err }).to.deep.equal({ code: 0, err: '' });
    expect(out).to.match(/^public-gateway {2}revision [0-9a-f]{12} {2}last 1m /);
    expect(out).to.match(/^upstream +closed +\d/m);
    expect(out).to.match(/^open +\d/m);
    expect(out).to.match(/^USER .*\nnone$/m);
  });

  it('in JSON, a line a refresh', async () => {
    const { out } = await run(['top', '--admin', gateway.admin, '--format', 'json', '--once']);
    expect(out.trimEnd().split('\n')).to.have.length(1);
    expect(JSON.parse(out)).to.deep.include({
      gateway: 'public-gateway',
      window: '10s',
      circuits: { upstream: { open: false, inFlight: 0 } },
    });
    const piped = spawn(process.execPath, main('--admin', gateway.admin, '--format', 'json'), { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    piped.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    await eventually(
      () => printed.split('\n').length,
      (lines) => lines > 2,
      30_000,
    );
    // Who has read enough ends it.
    piped.stdout.destroy();
    expect(await once(piped, 'exit')).to.deep.equal([0, null]);
  });

  it('says why it cannot', async () => {
    const strange = createServer((_, res) => res.writeHead(200).end('{}')).listen(0, '127.0.0.1');
    servers.defer(() => strange.close());
    await once(strange, 'listening');
    const there = `http://127.0.0.1:${(strange.address() as AddressInfo).port}`;
    const failed = await run(['top', '--admin', there, '--once']);
    expect([failed.code, failed.err]).to.deep.equal([
      1,
      `public-gateway: ${there} answers, but not with statistics: is it the admin port of a gateway?\n`,
    ]);
    expect((await run(['top', '--admin', 'nonsense'])).code).to.equal(2);
    strange.removeAllListeners('request').on('request', (req, res) => res.writeHead(req.headers.authorization ? 404 : 401).end());
    expect((await run(['top', '--admin', there])).err).to.contain('asks for a token');
  });

  describe('on a terminal', () => {
    before(function () {
      if (spawnSync('script', ['--version']).error === undefined) return;
      process.stdout.write('      left out: script, which makes a terminal, is not installed\n');
      this.skip();
    });

    /** What it has drawn so far, on a terminal of 80 by 24. */
    const onTerminal = async (then: (child: ChildProcessWithoutNullStreams, seen: (what: string) => Promise<unknown>) => Promise<void>) => {
      const command = `stty cols 80 rows 24; exec '${process.execPath}' ${main('--admin', gateway.admin).join(' ')}`;
      const child = spawn('script', ['-qec', command, '/dev/null'], { env: { ...process.env, TERM: 'xterm' } });
      let drawn = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        drawn += text;
      });
      const seen = (what: string) =>
        eventually(
          () => drawn,
          (text) => text.includes(what),
          40_000,
        );
      const ended = once(child, 'exit');
      try {
        await then(child, seen);
        const [code] = await ended;
        return { code, drawn };
      } finally {
        child.kill();
      }
    };

    it('live, and by its keys', async () => {
      const { code, drawn } = await onTerminal(async (child, seen) => {
        await seen('ROUTE');
        await seen('tab overview  s by requests');
        child.stdin.write('\t');
        await seen('tab services');
        child.stdin.write('s');
        await seen('s by errors');
        child.stdin.write('q');
      });
      expect(code).to.equal(0);
      expect(drawn.startsWith(ENTER), drawn.slice(0, 80)).to.equal(true);
      expect(drawn.endsWith(LEAVE)).to.equal(true);
    });

    it('until ctrl-Z, and again when it goes on', async () => {
      const { code, drawn } = await onTerminal(async (child, seen) => {
        await seen('ROUTE');
        child.stdin.write('\u001a');
        await seen(LEAVE);
        // Whether it stops or cannot: nobody is there who would continue it but this test.
        child.kill('SIGCONT');
        await seen(`${LEAVE}${ENTER}`);
        child.stdin.write('q');
      });
      expect(code).to.equal(0);
      expect(drawn.endsWith(LEAVE)).to.equal(true);
    });

    it('until ctrl-C, and gives the terminal back', async () => {
      const { code, drawn } = await onTerminal(async (child, seen) => {
        await seen('ROUTE');
        child.stdin.write('\u0003');
      });
      expect(code).to.equal(0);
      expect(drawn.endsWith(LEAVE)).to.equal(true);
    });
  });
});

const main = (...argv: string[]): string[] => [join(root, 'public-gateway/main.ts'), 'top', ...argv];
