import { expect } from 'chai';
import { Problem } from '../../../core/problem.ts';
import { compileExpression, MAX_MATCHED } from '../../../core/routing/expression.ts';

describe('expressions', () => {
  const matches = (source: string, text: string) => compileExpression(source).matches(text, 'target-too-long');

  it('match the whole text', () => {
    expect(matches('/v[0-9]+/status', '/v12/status')).to.equal(true);
    expect(matches('/v[0-9]+/status', '/v12/status/x')).to.equal(false);
    expect(matches('a|bc', 'abc')).to.equal(false);
    expect(matches('[a-z-]+', 'a-b')).to.equal(true);
  });

  it('cannot be taken out of their anchors', () => {
    expect(() => compileExpression('a)|(b')).to.throw(SyntaxError);
    expect(() => compileExpression('(')).to.throw(SyntaxError);
  });

  it('keep no state between texts', () => {
    const { matches } = compileExpression('a+');
    expect([matches('aa', 'target-too-long'), matches('aa', 'target-too-long')]).to.deep.equal([true, true]);
  });

  it('refuse longer text than they are matched with', () => {
    expect(matches('a*', 'a'.repeat(MAX_MATCHED))).to.equal(true);
    expect(() => matches('a*', 'a'.repeat(MAX_MATCHED + 1)))
      .to.throw(Problem)
      .with.property('code', 'target-too-long');
  });
});
