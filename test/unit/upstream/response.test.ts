import { expect } from 'chai';
import { Problem } from '../../../core/problem.ts';
import { type Source, UpstreamResponse } from '../../../core/upstream/response.ts';

/** An answer and what was done to its connection. */
function arriving(): { response: UpstreamResponse; done: string[] } {
  const done: string[] = [];
  const source: Source = { pause: () => done.push('pause'), resume: () => done.push('resume'), abort: () => done.push('abort') };
  return { response: new UpstreamResponse(200, 'OK', [], source), done };
}

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => (error instanceof Problem ? error.code : error),
  );
}

describe('UpstreamResponse', () => {
  it('collects a body that comes before and after it is asked for', async () => {
    const { response } = arriving();
    response.receive(Buffer.from('one '));
    const body = response.collect(100);
    response.receive(Buffer.from('two'));
    response.complete([]);
    expect(String(await body)).to.equal('one two');
  });

  it('abandons a body larger than the bound', async () => {
    const { response, done } = arriving();
    const body = response.collect(4);
    response.receive(Buffer.from('12345'));
    expect(done).to.deep.equal(['abort']);
    response.fail(new Problem('upstream-protocol-error'));
    expect(await codeOf(body)).to.equal('upstream-protocol-error');
  });

  it('keeps a bounded part of a body that nobody has asked for, and lets the rest wait', async () => {
    const { response, done } = arriving();
    for (let count = 0; count < 3; count += 1) response.receive(Buffer.alloc(64 * 1024));
    expect(done).to.deep.equal(['pause']);
    const body = response.collect(1 << 20);
    expect(done).to.deep.equal(['pause', 'resume']);
    response.complete([]);
    expect(await body).to.have.length(3 * 64 * 1024);
  });

  it('hangs up on what is given up, unless it is whole', () => {
    const open = arriving();
    open.response.discard();
    expect(open.done).to.deep.equal(['abort']);
    const whole = arriving();
    whole.response.complete([]);
    whole.response.discard();
    expect(whole.done).to.deep.equal([]);
  });

  it('says when the service is done with it, whole or cut', () => {
    for (const end of [
      (response: UpstreamResponse) => response.complete([]),
      (response: UpstreamResponse) => response.fail(new Problem('response-incomplete')),
    ]) {
      const { response } = arriving();
      let calls = 0;
      response.whenDone(() => calls++);
      expect(calls).to.equal(0);
      end(response);
      response.whenDone(() => calls++);
      expect(calls).to.equal(2);
    }
  });

  it('fails whoever asks for a body that was cut before', async () => {
    const { response } = arriving();
    response.fail(new Problem('response-incomplete'));
    expect(await codeOf(response.collect(10))).to.equal('response-incomplete');
  });
});
