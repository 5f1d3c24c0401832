import { mock } from 'node:test';
import { expect } from 'chai';
import { exitCodeOf } from '../../core/serve.ts';

describe('the exit code of a gateway that drains', () => {
  it('is 1 with a reason when it could not', async () => {
    const written = mock.method(process.stderr, 'write', () => true);
    try {
      expect(await exitCodeOf('public-gateway', Promise.reject(new Error('the log is full')))).to.equal(1);
      expect(written.mock.calls.map((call) => call.arguments[0])).to.deep.equal(['public-gateway: the log is full\n']);
    } finally {
      written.mock.restore();
    }
    expect(await exitCodeOf('public-gateway', Promise.resolve(0))).to.equal(0);
  });
});
