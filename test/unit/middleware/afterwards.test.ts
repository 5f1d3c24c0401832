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
});
