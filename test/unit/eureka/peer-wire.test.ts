import type { RequestListener } from 'node:http';
import { expect } from 'chai';
import { PeerWire } from '../../../core/eureka/peer-wire.ts';
import { startUpstream } from '../../support/upstream.ts';

describe('the wire to a peer', () => {
  const send = async (listener: RequestListener, timeout?: number) => {
    const server = await startUpstream(listener);
    const wire = new PeerWire(`${server.url}/eureka`, 'me', timeout);
    try {
      return await wire.send(['{}']);
    } finally {
      wire.close();
      await server.close();
    }
  };

  it('hears an answer as large as one with an instance for each item is, and no larger one', async () => {
    const outcome = await send((_req, res) => void res.end(JSON.stringify({ responseList: [{ text: 'x'.repeat(1_000_000) }] })));
    expect(outcome.kind).to.equal('answered');
    const flood = await send((_req, res) => {
      const piece = Buffer.alloc(1024 * 1024, ' ');
      res.write('{"responseList":[{}]');
      for (let count = 0; count < 33; count += 1) res.write(piece);
      res.end('}');
    });
    expect(flood).to.deep.equal({ kind: 'unreachable', why: 'the answer is larger than 33554432 bytes' });
  });

  it('has an end, however the peer trickles its answer', async () => {
    let trickling: NodeJS.Timeout | undefined;
    const { kind } = await send((_req, res) => {
      res.write('{');
      trickling = setInterval(() => res.write(' '), 5);
    }, 100);
    clearInterval(trickling);
    expect(kind).to.equal('congested');
  });
});
