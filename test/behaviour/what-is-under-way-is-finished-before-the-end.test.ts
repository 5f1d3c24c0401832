import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import { open as connect, parse, until, untilClosed } from '../support/client.ts';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { type GatewayProcess, run } from './support/process.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('A gateway told to stop finishes what is under way', () => {
  const servers = serversOfThisSuite();
  const held = new Map<string, ServerResponse>();
  let gateway: GatewayProcess;

  before(async () => {
    const upstream = await servers.upstream((req, res) => {
      if (req.url === '/quick') res.end('quick');
      else held.set(req.url ?? '', res);
      if (req.url === '/stream') res.write('first ');
    });
    gateway = await run(servers, 'public', open(upstream.url, { public: { drain: { grace: '1s', deadline: '20s' } } }));
  });

  it('from the first signal to the end', async () => {
    const { port } = gateway;
    const slow = ask(port, '/slow');
    const streaming = await connect(port);
    streaming.write('GET /stream HTTP/1.1\r\nHost: a\r\n\r\n');
    const streamed = until(streaming, (text) => text.endsWith('\r\n0\r\n\r\n'));
    const idle = await connect(port);
    idle.write('GET /quick HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await until(idle, (text) => text.endsWith('quick')))
      .to.include('200 OK')
      .and.match(/connection: keep-alive/i);
    await eventually(
      () => held.size,
      (size) => size === 2,
    );
    expect(await gateway.readyz()).to.equal(200);

    gateway.child.kill('SIGTERM');
    await eventually(gateway.readyz, (status) => status === 503);

    // In the time of grace it still accepts, and asks those it knows to go elsewhere.
    const late = await ask(port, '/quick');
    expect([late.status, late.header('connection')]).to.deep.equal([200, 'close']);
    idle.write('GET /quick HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(parse(await untilClosed(idle)).headers['connection']).to.deep.equal(['close']);

    // Behind it nobody gets in; the two are still being waited for.
    await eventually(
      () =>
        connect(port).then(
          (socket) => socket.destroy() && 'open',
          () => 'refused',
        ),
      (answer) => answer === 'refused',
    );
    expect(await gateway.readyz()).to.equal(503);
    held.get('/stream')?.end('last');
    expect(parse(await streamed).body).to.equal('6\r\nfirst \r\n4\r\nlast\r\n0\r\n\r\n');
    held.get('/slow')?.end('at last');
    const answer = await slow;
    expect([answer.status, answer.header('connection'), answer.body]).to.deep.equal([200, 'close', 'at last']);

    const { code, stderr, stdout } = await gateway.ended;
    expect([code, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.match(/"event":"drained","cut":0/);
    const requests = stdout.split('\n').filter((line) => line.includes('"event":"request"'));
    expect(requests.length).to.equal(5);
  });
});
