import { Readable } from 'node:stream';
import { expect } from 'chai';
import { readAnswer } from '../../../core/registry/answer-body.ts';

describe('the body of an answer', () => {
  const piece = Buffer.from('0123456789');

  it('is read whole up to its limit', async () => {
    expect(String(await readAnswer(Readable.from([piece, piece]), 20))).to.equal('01234567890123456789');
    expect(String(await readAnswer(Readable.from([]), 0))).to.equal('');
  });

  it('is given up where there is more, however much that is', async () => {
    let sent = 0;
    const endless = new Readable({
      highWaterMark: 1,
      read() {
        sent += 1;
        this.push(piece);
      },
    });
    const problem = await readAnswer(endless, 19).catch((error: Error) => error.message);
    expect(problem).to.equal('the answer is larger than 19 bytes');
    expect([endless.destroyed, sent < 10]).to.deep.equal([true, true]);
  });
});
