import { expect } from 'chai';
import { atEndOfTurn } from '../../../core/http1/end-of-turn.ts';
import { turn } from './a-pool.ts';

describe('what is written at the end of a turn', () => {
  const written: string[] = [];
  const write = (what: string) => () => void written.push(what);
  beforeEach(() => void written.splice(0));

  it('waits for it, whatever of this turn it was asked for by, and is all of it in its order', async () => {
    atEndOfTurn(write('1'));
    await Promise.resolve();
    atEndOfTurn(write('2'));
    await new Promise<void>((resolve) => process.nextTick(resolve));
    atEndOfTurn(write('3'));
    expect(written).to.deep.equal([]);
    await turn();
    expect(written).to.deep.equal(['1', '2', '3']);
  });

  it('is in one go: nothing comes between', async () => {
    atEndOfTurn(write('1'));
    setImmediate(write('another'));
    atEndOfTurn(write('2'));
    await turn();
    expect(written).to.deep.equal(['1', '2', 'another']);
  });

  it('is that of the next turn where it was asked for meanwhile, so that what has come is read in between', async () => {
    const again = () => {
      written.push('again');
      atEndOfTurn(again.times-- > 0 ? again : write('last'));
    };
    again.times = 1;
    atEndOfTurn(again);
    atEndOfTurn(write('other'));
    await turn();
    expect(written).to.deep.equal(['again', 'other']);
    await turn();
    expect(written).to.deep.equal(['again', 'other', 'again']);
    await turn();
    expect(written).to.deep.equal(['again', 'other', 'again', 'last']);
  });
});
