import { once } from 'node:events';
import { expect } from 'chai';
import { afterwards } from '../../../core/middleware/afterwards.ts';

describe('afterwards', () => {
  it('a fault of what only watches ends nothing, and is told as a warning', async () => {
    const fault = new Error('a broken instrument');
    const warned = once(process, 'warning');
    await afterwards({ finishing: undefined }, Promise.resolve(), () => {
      throw fault;
    });
    expect(await warned).to.deep.equal([fault]);
  });

  it('runs from the lowest to the highest, whether what is below them failed or not, and though one of them does', async () => {
    const warned = once(process, 'warning');
    for (const below of [Promise.resolve(), Promise.reject(new Error('it broke'))]) {
      const told: string[] = [];
      const state = { finishing: undefined };
      afterwards(state, below, () => told.push('lowest'));
      afterwards(state, below, () => {
        throw new Error('a broken instrument');
      });
      afterwards(state, below, () => told.push('highest'));
      await below.catch(() => {});
      expect(told).to.deep.equal(['lowest', 'highest']);
    }
    await warned;
  });
});
