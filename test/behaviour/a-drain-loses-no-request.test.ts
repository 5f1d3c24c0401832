import type { Socket } from 'node:net';
import { expect } from 'chai';
import { open as connect, untilClosed } from '../support/client.ts';
import { open } from '../support/gateways.ts';
import { type GatewayProcess, run } from './support/process.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('A drain under load loses no request that was accepted', () => {
  const servers = serversOfThisSuite();
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  const clients = 16;
  let gateway: GatewayProcess;
  let received = 0;

  before(async () => {
    const upstream = await servers.rawUpstream((socket) => {
      received += 1;
      socket.write(answer);
    });
    gateway = await run(
      servers,
      'public',
      open(upstream.url, { public: { drain: { grace: '1500ms', deadline: '10s' } }, telemetry: { accessLog: false } }),
    );
  });

  it('on connections kept alive, and on those opened meanwhile', async () => {
    const count = { answered: 0, afterTheSignal: 0, told: 0, lost: [] as string[] };
    let signalled = false;
    const one = async (socket: Socket): Promise<'kept' | 'told to go'> => {
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      const head = await answerOn(socket);
      if (!head.startsWith('HTTP/1.1 200')) throw new Error(JSON.stringify(head));
      count.answered += 1;
      if (signalled) count.afterTheSignal += 1;
      if (count.answered === 1600) signalled = gateway.child.kill('SIGTERM');
      return /^connection: close/im.test(head) ? 'told to go' : 'kept';
    };
    const client = async () => {
      for (;;) {
        const socket = await connect(gateway.port).catch(() => undefined);
        if (!socket) return;
        try {
          while ((await one(socket)) === 'kept');
          count.told += 1;
          await untilClosed(socket);
        } catch (error) {
          // Connections that the system had made but the gateway not taken when it closed its port: behind them there is none.
          if (socket.bytesRead === 0 && (await isClosed(gateway.port))) return;
          count.lost.push(String(error));
        }
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
    expect(count.lost).to.deep.equal([]);
    expect(count.answered).to.be.at.least(2000);
    expect(count.afterTheSignal).to.be.at.least(100);
    expect(count.told).to.be.at.least(clients);
    expect(received).to.equal(count.answered);
    expect(await gateway.ended).to.include({ code: 0, stderr: '' });
  });
});

const isClosed = (port: number) =>
  connect(port).then(
    (socket) => !socket.destroy(),
    () => true,
  );

/** The answer to the one request under way. */
function answerOn(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const stop = () => socket.off('data', onData).off('close', onClose).off('error', onClose);
    const onData = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!text.endsWith('\r\n\r\nok')) return;
      stop();
      resolve(text);
    };
    const onClose = () => {
      stop();
      reject(new Error(`closed after ${text.length} bytes`));
    };
    socket.on('data', onData).on('close', onClose).on('error', onClose);
  });
}
