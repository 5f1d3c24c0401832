/** How connections are opened: in time, to whichever address answers, in plain and within TLS, and what becomes of them. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect } from 'chai';
import { connector } from '../../../core/endpoint/connector.ts';
import { Problem } from '../../../core/problem.ts';
import { type Certificate, certificateFolder } from '../../support/certificates.ts';
import { always, Body, OK, poolStage, takesNothingBehind, turn } from '../http1/a-pool.ts';

const gone = new Error('given up');
const nobody = () => {};

/** What comes of opening one. @param giveUp at once */
const opened = (address: { protocol?: string; hostname?: string; port: number }, timeout = 5_000, giveUp?: Error) =>
  new Promise<{ error: (Error & { code?: unknown }) | null; socket: Socket | undefined; calls: number }>((resolve) => {
    let calls = 0;
    const connect = connector({ protocol: 'http:', hostname: '127.0.0.1', servername: '', ...address }, timeout);
    const end = connect(nobody, (error, socket) => {
      calls += 1;
      // Whatever else it would call back, it would by then.
      setImmediate(() => setImmediate(() => resolve({ error, socket, calls })));
    });
    if (giveUp) end(giveUp);
  });

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a connector', () => {
  const on = poolStage();
  const folder = certificateFolder();
  let ca: Certificate;
  let certificate: Certificate;
  const system = getCACertificates('default');
  before(async () => {
    ca = await folder.authority('inside');
    certificate = await folder.issue(ca, 'x', ['IP:127.0.0.1', 'DNS:localhost']);
    setDefaultCACertificates([...system, ca.cert]);
  });
  after(() => {
    setDefaultCACertificates(system);
    folder.remove();
  });

  /** Accepts, and never says anything: no handshake comes of it. */
  const mute = async (): Promise<{ port: number; accepted: Promise<Socket> }> => {
    const accepted = Promise.withResolvers<Socket>();
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      socket.on('error', nobody).resume();
      sockets.push(socket);
      accepted.resolve(socket);
    }).listen(0, '127.0.0.1');
    on.after(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    });
    await once(server, 'listening');
    return { port: (server.address() as { port: number }).port, accepted: accepted.promise };
  };

  it('fails where nobody listens', async () => {
    const { error, socket, calls } = await opened({ port: await closedPort() });
    expect([error?.code, socket, calls]).to.deep.equal(['ECONNREFUSED', undefined, 1]);
  });

  it('fails where the name has no address that answers, after all were tried', async () => {
    const { error } = await opened({ hostname: 'localhost', port: await closedPort() });
    const errors = error instanceof AggregateError ? error.errors : [error];
    for (const one of errors) expect(one.code).to.be.oneOf(['ECONNREFUSED', 'EADDRNOTAVAIL']);
  });

  it('gives up in time, and closes what was opening', async () => {
    const { port, accepted } = await mute();
    const opening = opened({ protocol: 'https:', port }, 30);
    const closed = accepted.then((socket) => once(socket, 'close'));
    const { error, socket, calls } = await opening;
    expect([(error as Problem).code, socket, calls]).to.deep.equal(['connect-timeout', undefined, 1]);
    await closed;
  });

  for (const protocol of ['http:', 'https:'])
    it(`is given up at once, and calls back once (${protocol})`, async () => {
      const { port } = await mute();
      const { error, socket, calls } = await opened({ protocol, port }, 5_000, gone);
      expect([error, socket, calls]).to.deep.equal([gone, undefined, 1]);
    });

  it('that cannot even begin calls back later', async () => {
    let before = true;
    const connect = connector({ protocol: 'http:', hostname: '127.0.0.1', port: 70_000, servername: '' }, 5_000);
    const error = await new Promise<Error | null>((resolve) => {
      connect(nobody, (reason) => {
        expect(before).to.equal(false);
        resolve(reason);
      });
      before = false;
    });
    expect(error).to.be.instanceOf(RangeError);
  });

  it('reads what comes where a name has several addresses', async () => {
    const { asked, wires } = await on.service(always(), { hostname: 'localhost' });
    for (let count = 0; count < 3; count += 1) expect((await asked()).body).to.equal('ok');
    expect(wires).to.have.length(1);
  });

  describe('to a service that speaks TLS', () => {
    const secure = (script: Parameters<typeof on.service>[0], given = certificate, hostname = '127.0.0.1') =>
      on.service(script, { certificate: given, hostname });
    const endless = 'HTTP/1.1 200 OK\r\n\r\n';

    for (const hostname of ['127.0.0.1', 'localhost'])
      it(`keeps its connections (${hostname})`, async () => {
        const { asked, wires, pool } = await secure(always(), certificate, hostname);
        for (let count = 0; count < 3; count += 1) {
          expect((await asked()).body).to.equal('ok');
          await turn();
        }
        expect(wires).to.have.length(1);
        await pool.close();
        await wires[0]?.closed;
      });

    it('keeps one that has carried an upload', async () => {
      const { asked, wires } = await secure(async (wire) => {
        for (let count = 1; ; count += 1) {
          await wire.has((received) => received.split('0\r\n\r\n').length > count);
          wire.send(OK);
        }
      });
      for (let count = 0; count < 3; count += 1) {
        await asked({ method: 'POST', body: new Body(['abc']) });
        await turn();
      }
      expect(wires).to.have.length(1);
    });

    it('takes what another record of the same packet brought for no answer', () => takesNothingBehind(secure, 16 << 10));

    it('trusts no certificate that nobody it knows has signed, or that is another’s', async () => {
      const other = await folder.issue(ca, 'x', ['DNS:other.example']);
      const self = await folder.localhost();
      expect((await (await secure(always(), other)).asked()).error?.code).to.equal('ERR_TLS_CERT_ALTNAME_INVALID');
      expect((await (await secure(always(), self)).asked()).error?.code).to.equal('DEPTH_ZERO_SELF_SIGNED_CERT');
    });

    for (const [what, head] of Object.entries({
      length: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n',
      chunked: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n',
    }))
      for (const how of ['end', 'destroy', 'reset'] as const)
        it(`takes no answer for whole that was cut (${what}, ${how})`, async () => {
          const { ask, wire, below } = await secure(async (wire) => {
            await wire.head();
            wire.send(`${head}half`);
          });
          const asker = ask();
          await asker.until('data');
          const { socket } = await wire();
          if (how === 'end') socket.end();
          else if (how === 'destroy') socket.destroy();
          else below[0]?.resetAndDestroy();
          const { error, stale, body } = await asker.over();
          expect(error).to.be.instanceOf(Error);
          expect([stale, body]).to.deep.equal([false, 'half']);
        });

    it('has an answer that ends with its connection whole where that was ended, and not where it was reset', async () => {
      for (const how of ['end', 'reset'] as const) {
        const { ask, wire, below } = await secure(async (wire) => {
          await wire.head();
          wire.send(`${endless}half`);
        });
        const asker = ask();
        await asker.until('data');
        if (how === 'end') (await wire()).end();
        else below[0]?.resetAndDestroy();
        expect((await asker.over()).error === undefined).to.equal(how === 'end');
      }
    });

    it('reads no further while it is paused', async () => {
      const piece = Buffer.alloc(1 << 16);
      const { ask, sockets } = await secure(async (wire) => {
        await wire.head();
        wire.send(endless);
        while (!wire.socket.destroyed) if (!wire.socket.write(piece)) await Promise.race([once(wire.socket, 'drain'), wire.closed]);
      });
      const asker = ask({}, { head: ({ controller }) => controller?.pause() });
      await asker.until('head');
      for (let count = 0; count < 50; count += 1) await turn();
      const [read, bytes] = [sockets[0]?.bytesRead, asker.bytes];
      for (let count = 0; count < 50; count += 1) await turn();
      expect([sockets[0]?.bytesRead, asker.bytes]).to.deep.equal([read, bytes]);
      asker.controller?.resume();
      while (asker.bytes === bytes) await turn();
      asker.controller?.abort(gone);
      await asker.over();
    });
  });

  it('calls back no more for an error that comes when it has opened, and leaves none to the process', async () => {
    const { port, accepted } = await mute();
    const { socket, calls } = await opened({ port });
    socket?.resume();
    (await accepted).resetAndDestroy();
    await new Promise((resolve) => socket?.once('close', resolve));
    expect(calls).to.equal(1);
  });

  it('fails with a problem of ours only where it took too long', async () => {
    const { error } = await opened({ port: await closedPort() });
    expect(error).to.not.be.instanceOf(Problem);
  });
});
