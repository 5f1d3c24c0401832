import { expect } from 'chai';
import { failures, Problem, type ProblemCode } from '../../../core/problem.ts';
import { classify } from '../../../core/upstream/classify.ts';

describe('classify', () => {
  it('an answer is a success below 500, and a failure from there', () => {
    for (const status of [101, 200, 204, 304, 400, 404, 429, 499]) expect(classify(status, undefined), String(status)).to.equal('success');
    for (const status of [500, 502, 503, 504, 599]) expect(classify(status, undefined), String(status)).to.equal('failure');
  });

  it('what a client did wrong, or left, says nothing of the service', () => {
    for (const code of ['client-closed', 'body-too-large', 'unauthenticated', 'no-route', 'rate-limited'] as const)
      expect(classify(undefined, new Problem(code)), code).to.equal('ignored');
    expect(classify(undefined, undefined)).to.equal('ignored');
  });

  it('a problem of gateway or service is a failure, even of an answer that began well', () => {
    for (const code of ['connection-refused', 'attempt-timeout', 'response-incomplete', 'no-endpoint', 'internal-error'] as const)
      expect(classify(200, new Problem(code)), code).to.equal('failure');
  });

  it('has a verdict on every failure there is', () => {
    for (const [code, { source }] of Object.entries(failures))
      expect(classify(undefined, new Problem(code as ProblemCode)), code).to.equal(source === 'client' ? 'ignored' : 'failure');
  });
});
