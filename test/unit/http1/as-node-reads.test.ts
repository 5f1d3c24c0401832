/** What we make of an answer beside what node's own parser (llhttp) makes of it, of the same bytes over a real socket. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { expect } from 'chai';
import fc from 'fast-check';
import { read, type Told } from './a-parser.ts';
import { answers, everyAnswer } from './an-answer.ts';

interface Read {
  interim: unknown[];
  status: number | undefined;
  statusText: string | undefined;
  fields: readonly string[];
  body: string;
  trailers: readonly string[];
}

describe('an answer, beside what node reads', () => {
  let server: Server;
  let script: Buffer = Buffer.alloc(0);

  before(async () => {
    server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(script));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => server.close());

  /** Undefined where node refuses it, or finds it cut short. */
  async function asNodeReads(method: string, bytes: Buffer): Promise<Read | undefined> {
    script = bytes;
    const interim: unknown[] = [];
    const asking = request({ method, port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false });
    asking.on('information', ({ statusCode, rawHeaders }) => void interim.push([statusCode, rawHeaders]));
    const answered = new Promise<IncomingMessage | undefined>((resolve) => {
      asking.on('response', resolve).on('error', () => resolve(undefined));
      asking.on('close', () => resolve(undefined));
    });
    asking.end();
    const answer = await answered;
    if (!answer) return undefined;
    let body = '';
    let failed = false;
    answer.on('data', (piece: Buffer) => {
      body += piece.toString('latin1');
    });
    answer.on('error', () => {
      failed = true;
    });
    if (!answer.closed) await new Promise((resolve) => answer.once('close', resolve));
    if (failed || !answer.complete) return undefined;
    const { statusCode: status, statusMessage: statusText, rawHeaders: fields, rawTrailers: trailers } = answer;
    return { interim, status, statusText, fields, body, trailers };
  }

  function asWeRead({ heads, data, trailers }: Told): Read | undefined {
    const final = heads.at(-1);
    if (trailers === undefined || !final) return undefined;
    const interim = heads.slice(0, -1).map(({ status, fields }) => [status, fields]);
    return { interim, status: final.status, statusText: final.statusText, fields: final.fields, body: data, trailers };
  }

  /** Accepted is only what node accepts, and as it reads it. What comes behind the answer costs the connection, and is not shown to node. */
  async function compare(method: string, bytes: Buffer): Promise<boolean> {
    const told = read(bytes, { method });
    const ours = asWeRead(told);
    if (ours) expect(ours).to.deep.equal(await asNodeReads(method, bytes.subarray(0, told.taken)));
    return ours !== undefined;
  }

  it('is read as node does, or refused: each of a list of good and bad ones', async () => {
    let accepted = 0;
    for (const { what, method, bytes } of everyAnswer())
      try {
        if (await compare(method, bytes)) accepted += 1;
      } catch (error) {
        throw new Error(what, { cause: error });
      }
    expect(accepted).to.be.within(40, everyAnswer().length - 100);
  });

  it('is read as node does, or refused: whatever it is made of', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async ({ method, bytes }) => void (await compare(method, bytes))),
      { numRuns: 400 },
    );
  }).timeout(60_000);
});
