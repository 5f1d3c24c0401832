import { PassThrough, Transform } from 'node:stream';
import { expect } from 'chai';
import { Problem } from '../../../core/problem.ts';
import { UpstreamResponse } from '../../../core/upstream/response.ts';
import { through } from '../../../core/upstream/through.ts';

describe('an answer that goes through a stream', () => {
  const underWay = (headers: string[] = []) => {
    const calls: string[] = [];
    const answer = new UpstreamResponse(200, 'Fine', headers, {
      pause: () => calls.push('pause'),
      resume: () => calls.push('resume'),
      abort: ({ message }) => calls.push(`abort ${message}`),
    });
    return { answer, calls };
  };
  const sunk = (response: UpstreamResponse) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    let body = '';
    const source = response.into({
      data(chunk) {
        body += chunk;
      },
      end: (trailers) => resolve(`${body} end ${trailers.join(',')}`),
      fail: ({ code }) => resolve(`${body} ${code}`),
    });
    return { source, done: promise };
  };

  it('has its status, its fields but those of the bytes, and its trailers', async () => {
    const { answer } = underWay(['A', 'b', 'Content-Length', '3', 'Repr-Digest', 'x', 'Content-MD5', 'y']);
    const result = through(answer, new PassThrough());
    expect([result.status, result.statusText, result.headers]).to.deep.equal([200, 'Fine', ['A', 'b']]);
    const { done } = sunk(result);
    answer.receive(Buffer.from('one '));
    answer.receive(Buffer.from('two'));
    answer.complete(['grpc-status', '0']);
    expect(await done).to.equal('one two end grpc-status,0');
  });

  it('makes the service wait for the client', async () => {
    const { answer, calls } = underWay();
    const result = through(answer, new PassThrough({ highWaterMark: 10 }));
    const { source, done } = sunk(result);
    source.pause();
    for (let part = 0; part < 5; part += 1) answer.receive(Buffer.alloc(10, 'x'));
    expect(calls).to.include('pause').and.not.to.include('resume');
    source.resume();
    while (!calls.includes('resume')) await new Promise((resolve) => setImmediate(resolve));
    answer.complete([]);
    expect(await done).to.equal(`${'x'.repeat(50)} end `);
  });

  it('is given up with its client: the service’s connection and the stream too', async () => {
    const { answer, calls } = underWay();
    const stream = new PassThrough();
    const { source, done } = sunk(through(answer, stream));
    source.abort(new Problem('client-closed'));
    expect(await done).to.equal(' client-closed');
    expect([calls, stream.destroyed]).to.deep.equal([['abort The client closed the connection'], true]);
    // Late bytes go nowhere.
    answer.receive(Buffer.from('late'));
    answer.fail(new Problem('client-closed'));
  });

  it('fails with its service', async () => {
    const { answer } = underWay();
    const stream = new PassThrough();
    const { done } = sunk(through(answer, stream));
    answer.receive(Buffer.from('half'));
    answer.fail(new Problem('response-incomplete'));
    expect([await done, stream.destroyed]).to.deep.equal(['half response-incomplete', true]);
  });

  it('fails with its stream', async () => {
    const { answer, calls } = underWay();
    const broken = new Transform({ transform: (_chunk, _encoding, done) => done(new Error('broken')) });
    const { done } = sunk(through(answer, broken));
    answer.receive(Buffer.from('any'));
    expect([await done, calls.at(-1)]).to.deep.equal([' internal-error', 'abort broken']);
  });

  it('is given up when nobody wants it', () => {
    const { answer, calls } = underWay();
    const stream = new PassThrough();
    through(answer, stream).discard();
    expect([calls.length, stream.destroyed]).to.deep.equal([1, true]);
  });
});
