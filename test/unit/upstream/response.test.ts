import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { expect } from 'chai';
import { copied } from '../../../core/http1/pieces.ts';
import { Problem } from '../../../core/problem.ts';
import type { Source } from '../../../core/upstream/flow.ts';
import { UpstreamResponse } from '../../../core/upstream/response.ts';

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

  it('abandons one that was whole before it was asked for, too', async () => {
    expect(await codeOf(UpstreamResponse.whole(200, [], Buffer.from('12345')).collect(4))).to.equal('upstream-protocol-error');
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

  it('leaves the service paused by one who cannot take at once all that was kept', async () => {
    const { response, done } = arriving();
    const viewed = response.view(1 << 20);
    for (let count = 0; count < 3; count += 1) response.receive(Buffer.alloc(512 * 1024));
    expect(await viewed).to.equal(undefined);
    const source = response.into({ data: () => done.at(-1) !== 'pause' && done.push('pause'), end: () => {}, fail: () => {} });
    expect(source).to.not.equal(undefined);
    expect(done).to.deep.equal(['pause', 'resume', 'pause']);
  });

  it('tells each who waits for its end of one end only, though another fails at it', () => {
    const { response } = arriving();
    const heard: unknown[] = [];
    response.whenDone((problem) => heard.push(problem));
    response.whenDone(() => {
      throw new Error('a fault of ours');
    });
    expect(() => response.complete([])).to.throw('a fault of ours');
    response.fail(new Problem('internal-error'));
    expect(heard).to.deep.equal([undefined]);
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

  describe('when a step must see the body before it goes on', () => {
    const chunk = (size: number) => Buffer.alloc(size, 'x');

    it('shows it whole and relays it all the same', async () => {
      const { response } = arriving();
      response.receive(Buffer.from('one '));
      const view = response.view(100);
      response.receive(Buffer.from('two'));
      response.complete([]);
      expect(String(await view)).to.equal('one two');
      expect(String(await response.view(100))).to.equal('one two');
      expect(String(await response.collect(100))).to.equal('one two');
    });

    it('goes on reading past what it would keep for nobody, up to the bound', async () => {
      const { response, done } = arriving();
      response.receive(chunk(70 * 1024));
      const view = response.view(200 * 1024);
      response.receive(chunk(70 * 1024));
      expect(done).to.deep.equal(['pause', 'resume']);
      response.complete([]);
      expect((await view)?.length).to.equal(140 * 1024);
    });

    it('shows it to several at once, and tells whoever waits when somebody takes it', async () => {
      const { response } = arriving();
      const views = [response.view(100), response.view(2), response.view(100)];
      response.receive(Buffer.from('abc'));
      response.complete([]);
      expect((await Promise.all(views)).map((view) => view && String(view))).to.deep.equal(['abc', undefined, 'abc']);
      const taken = arriving();
      const waiting = taken.response.view(100);
      const body = taken.response.collect(100);
      expect([await waiting, await taken.response.view(100)]).to.deep.equal([undefined, undefined]);
      taken.response.receive(Buffer.from('abc'));
      taken.response.complete([]);
      expect(String(await body)).to.equal('abc');
      const left = arriving();
      const unseen = left.response.view(100);
      left.response.discard();
      expect(await unseen).to.equal(undefined);
    });

    it('loses nothing of one that is larger, and lets the rest wait', async () => {
      const { response, done } = arriving();
      const view = response.view(5);
      response.receive(Buffer.from('123456'));
      expect(await view).to.equal(undefined);
      expect(await response.view(4)).to.equal(undefined);
      response.receive(Buffer.alloc(64 * 1024, 'x'));
      expect(done).to.deep.equal(['pause']);
      const body = response.collect(100_000);
      expect(done).to.deep.equal(['pause', 'resume']);
      response.receive(Buffer.from('789'));
      response.complete([]);
      expect(String(await body)).to.equal(`123456${'x'.repeat(64 * 1024)}789`);
    });

    it('fails with the answer', async () => {
      const { response } = arriving();
      const view = response.view(100);
      response.receive(Buffer.from('12'));
      response.fail(new Problem('response-incomplete'));
      expect(await codeOf(view)).to.equal('response-incomplete');
    });
  });

  it('is watched from its beginning to its end, or to where it was cut', async () => {
    const seen: string[] = [];
    const watcher = { data: (chunk: Buffer) => seen.push(String(chunk)), end: () => seen.push('end'), fail: () => seen.push('fail') };
    const { response } = arriving();
    response.receive(Buffer.from('a'));
    response.watch(watcher);
    const body = response.collect(10);
    response.receive(Buffer.from('b'));
    response.complete([]);
    await body;
    expect(seen.splice(0)).to.deep.equal(['a', 'b', 'end']);
    UpstreamResponse.whole(200, [], Buffer.from('c')).watch(watcher);
    expect(seen.splice(0)).to.deep.equal(['c', 'end']);
    const other = arriving().response;
    other.watch(watcher);
    other.discard();
    other.fail(new Problem('client-closed'));
    expect(seen).to.deep.equal(['fail']);
  });

  it('gives the memory of what it has written back, but not of what somebody watches', async () => {
    for (const watched of [false, true]) {
      const { response } = arriving();
      if (watched) response.watch({ data: () => {}, end: () => {}, fail: () => {} });
      const piece = copied(Buffer.alloc(50_000));
      const wire = new Duplex({ read() {}, write: (_chunk, _encoding, callback) => callback() });
      const socket = Object.assign(wire, { setTimeout() {} }) as object as Socket;
      const res = new ServerResponse(new IncomingMessage(socket));
      res.assignSocket(socket);
      const relayed = response.relay(res, 1_000);
      response.receive(piece);
      response.complete([]);
      await relayed;
      expect(copied(Buffer.alloc(50_000)).buffer === piece.buffer, `watched: ${watched}`).to.equal(!watched);
    }
  });

  it('is watched by several', () => {
    const { response } = arriving();
    const seen: string[] = [];
    const watcher = (name: string) => ({
      data: (chunk: Buffer) => seen.push(`${name} ${chunk}`),
      end: () => seen.push(`${name} end`),
      fail: () => seen.push(`${name} fail`),
    });
    response.watch(watcher('one'));
    response.receive(Buffer.from('a'));
    response.watch(watcher('two'));
    response.receive(Buffer.from('b'));
    response.complete([]);
    expect(seen).to.deep.equal(['one a', 'two a', 'one b', 'two b', 'one end', 'two end']);
  });

  it('is handed to one who makes another answer of it', () => {
    const { response, done } = arriving();
    response.receive(Buffer.from('a'));
    const seen: string[] = [];
    const source = response.into({ data: (chunk) => seen.push(String(chunk)), end: () => seen.push('end'), fail: () => {} });
    source.pause();
    response.receive(Buffer.from('b'));
    response.complete([]);
    expect([seen, done]).to.deep.equal([['a', 'b', 'end'], ['pause']]);
  });
});
