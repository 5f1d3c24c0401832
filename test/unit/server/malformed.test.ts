import { IncomingMessage, ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';
import { expect } from 'chai';
import { refuseMalformed } from '../../../core/server/malformed.ts';
import { UpstreamResponse } from '../../../core/upstream/response.ts';
import { parse } from '../../support/client.ts';
import { turn } from '../http1/a-pool.ts';

function refuse(code: string | undefined, more: object = {}, before: (socket: Duplex) => void = () => {}) {
  let written = '';
  const socket = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      written += chunk;
      done();
    },
  });
  Object.assign(socket, more);
  before(socket);
  const reason = refuseMalformed(Object.assign(new Error('refused'), code === undefined ? {} : { code }), socket);
  return { reason, answer: parse(written), written: () => written, socket };
}

describe('refuseMalformed', () => {
  for (const [code, status, problem] of [
    ['HPE_INVALID_METHOD', 400, 'bad-request'],
    ['HPE_INVALID_HEADER_TOKEN', 400, 'bad-request'],
    [undefined, 400, 'bad-request'],
    ['HPE_HEADER_OVERFLOW', 431, 'headers-too-large'],
    ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 431, 'headers-too-large'],
    ['ERR_HTTP_REQUEST_TIMEOUT', 408, 'request-timeout'],
  ] as const)
    it(`answers ${code ?? 'an error without a code'} with ${status}, and closes`, () => {
      const { reason, answer, socket } = refuse(code);
      expect([reason, answer.status]).to.deep.equal([problem, status]);
      expect(answer.headers['content-type']).to.deep.equal(['application/problem+json']);
      expect(answer.headers['connection']).to.deep.equal(['close']);
      expect(answer.headers['content-length']).to.deep.equal([String(answer.body.length)]);
      expect(JSON.parse(answer.body)).to.include({ status, code: problem, type: `urn:problem-type:${problem}` });
      expect(socket.writableEnded).to.equal(true);
    });

  it('writes nothing to one who has reset the connection', () => {
    const { reason, written, socket } = refuse('ECONNRESET');
    expect([reason, written(), socket.destroyed]).to.deep.equal(['reset', '', true]);
  });

  it('writes nothing into an answer under way', async () => {
    const { reason, written, socket } = refuse('HPE_INVALID_METHOD', { _httpMessage: { headersSent: true } });
    await turn();
    expect([reason, written(), socket.destroyed]).to.deep.equal(['bad-request', '', true]);
  });

  it('lets an answer out that is whole, and waits for the end of this turn', async () => {
    const { written, socket } = refuse('HPE_INVALID_METHOD', { setTimeout() {} }, (socket) => {
      const res = new ServerResponse(Object.assign(new IncomingMessage(socket as never), { complete: true }));
      res.assignSocket(socket as never);
      UpstreamResponse.whole(200, ['Content-Length', '5'], Buffer.from('hello')).relay(res, 1_000);
    });
    await turn();
    expect([parse(written()).body, socket.destroyed]).to.deep.equal(['hello', true]);
  });

  it('answers when an answer is only expected', () => {
    expect(refuse('HPE_INVALID_METHOD', { _httpMessage: { headersSent: false } }).answer.status).to.equal(400);
  });
});
