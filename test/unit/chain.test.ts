import { expect } from 'chai';
import { Chain } from '../../core/chain.ts';

describe('Chain', () => {
  it('visits from the first to the last, and those who come meanwhile', () => {
    const chain = new Chain('a');
    for (const item of ['b', 'c']) chain.add(item);
    const visited: string[] = [];
    chain.each((item) => {
      visited.push(item);
      if (item === 'c') chain.add('d');
    });
    expect(visited).to.deep.equal(['a', 'b', 'c', 'd']);
  });
});
