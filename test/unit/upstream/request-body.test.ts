import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { mock } from 'node:test';
import { expect } from 'chai';
import { Problem } from '../../../core/problem.ts';
import { RequestBody } from '../../../core/upstream/request-body.ts';

describe('the body of a request', () => {
  /** An upload whose chunks come when the test says so. */
  const anUpload = (limit = 1_000_000) => {
    const req = Object.assign(new PassThrough({ highWaterMark: 1 << 20 }), { complete: false });
    req.once('end', () => {
      req.complete = true;
    });
    const failures: string[] = [];
    const body = new RequestBody(req as unknown as IncomingMessage, {
      limit,
      idle: 60_000,
      within: undefined,
      sendContinue: undefined,
      onFailure: (problem: Problem) => failures.push(problem.code),
    });
    return { req, body, failures };
  };
  const whole = async (reader: Readable) => Buffer.concat(await reader.toArray()).toString();
  const first = (reader: Readable) => new Promise<string>((resolve) => reader.once('data', (chunk) => resolve(String(chunk))));

  it('is not touched before a try reads it', () => {
    const { req, body } = anUpload();
    body.open();
    expect([body.begun, body.replayable, req.listenerCount('data')]).to.deep.equal([false, true, 0]);
  });

  it('goes to the next try from its beginning when the first was given up in the middle', async () => {
    const { req, body } = anUpload();
    const one = body.open();
    req.write('first ');
    expect(await first(one)).to.equal('first ');
    one.destroy();
    expect([body.begun, body.replayable]).to.deep.equal([true, true]);
    const other = whole(body.open());
    req.end('second');
    expect(await other).to.equal('first second');
    expect(body.bytes).to.equal(12);
  });

  it('and when it had read all of it', async () => {
    const { req, body } = anUpload();
    req.end('all of it');
    expect(await whole(body.open())).to.equal('all of it');
    expect(await whole(body.open())).to.equal('all of it');
  });

  it('gives an earlier try nothing more', async () => {
    const { req, body } = anUpload();
    const one = body.open();
    req.write('a');
    await first(one);
    let late = '';
    one.on('data', (chunk) => {
      late += chunk;
    });
    const other = whole(body.open());
    req.end('b');
    expect([await other, late]).to.deep.equal(['ab', '']);
  });

  it('of more than 64 KiB is not kept', async () => {
    const { req, body } = anUpload();
    req.write('x'.repeat(64 * 1024));
    const reader = body.open();
    await first(reader);
    expect(body.replayable).to.equal(true);
    const rest = reader.toArray();
    req.end('y');
    await rest;
    expect(body.replayable).to.equal(false);
  });

  it('that nobody reads any more is thrown away once no further try can come', async () => {
    const { req, body } = anUpload();
    const reader = body.open();
    req.write('a');
    await first(reader);
    reader.destroy();
    await new Promise((resolve) => reader.once('close', resolve));
    expect(req.isPaused()).to.equal(true);
    body.release();
    const ended = new Promise((resolve) => req.once('end', resolve));
    req.end('b');
    await ended;
  });

  it('that is too large fails, whichever try reads it', async () => {
    const { req, body, failures } = anUpload(10);
    const reader = body.open();
    req.write('a'.repeat(11));
    reader.resume();
    await new Promise((resolve) => setImmediate(resolve));
    expect(failures).to.deep.equal(['body-too-large']);
  });

  it('whose client leaves between two tries fails', async () => {
    const { req, body, failures } = anUpload();
    const reader = body.open();
    req.write('a');
    await first(reader);
    reader.destroy();
    req.destroy();
    await new Promise((resolve) => req.once('close', resolve));
    expect(failures).to.deep.equal(['client-closed']);
  });

  it('whose beginning is gone is not begun anew', async () => {
    const { req, body } = anUpload();
    const reader = body.open();
    req.end('x'.repeat(64 * 1024 + 1));
    await whole(reader);
    expect(() => body.open()).to.throw(Problem, 'beginning of the body');
  });

  describe('in which nothing moves', () => {
    beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
    afterEach(() => mock.timers.reset());
    const settled = () => new Promise((resolve) => setImmediate(resolve));

    it('fails by the client when that sends no more', async () => {
      const { req, body, failures } = anUpload();
      const reader = body.open();
      req.write('a');
      await first(reader);
      mock.timers.tick(59_999);
      expect(failures).to.deep.equal([]);
      mock.timers.tick(1);
      expect(failures).to.deep.equal(['request-timeout']);
    });

    it('fails by the service when that does not read the rest, also when the client has sent everything', async () => {
      for (const length of [4, 200_000]) {
        const { req, body, failures } = anUpload();
        const reader = body.open();
        reader.read(0);
        req.end('x'.repeat(length));
        await settled();
        expect(reader.readableLength).to.be.above(0);
        mock.timers.tick(59_999);
        expect(failures).to.deep.equal([]);
        mock.timers.tick(1);
        expect(failures).to.deep.equal(['idle-timeout']);
      }
    });

    it('does not fail while no try reads it', async () => {
      const { req, body, failures } = anUpload();
      const reader = body.open();
      req.write('a');
      await first(reader);
      reader.destroy();
      await settled();
      mock.timers.tick(600_000);
      const other = whole(body.open());
      req.end('b');
      expect([await other, failures]).to.deep.equal(['ab', []]);
    });
  });

  describe('seen before a try is made', () => {
    it('is whole, and the tries have it too', async () => {
      const { req, body } = anUpload();
      const view = body.view(100);
      req.write('one ');
      req.end('two');
      expect(String(await view)).to.equal('one two');
      expect(String(await body.view(100))).to.equal('one two');
      expect(await whole(body.open())).to.equal('one two');
      expect(await whole(body.open())).to.equal('one two');
    });

    it('may be larger than what is kept otherwise', async () => {
      const { req, body } = anUpload();
      const view = body.view(300_000);
      req.end(Buffer.alloc(200_000, 'x'));
      expect((await view)?.length).to.equal(200_000);
      expect([(await whole(body.open())).length, body.replayable]).to.deep.equal([200_000, true]);
    });

    it('loses nothing of one that is too large: one try has all of it', async () => {
      const { req, body } = anUpload();
      const view = body.view(5);
      req.write('123456');
      expect(await view).to.equal(undefined);
      expect(req.isPaused()).to.equal(true);
      expect(await body.view(5)).to.equal(undefined);
      const one = whole(body.open());
      req.end('x'.repeat(100_000));
      expect(await one).to.equal(`123456${'x'.repeat(100_000)}`);
      expect(body.replayable).to.equal(false);
    });

    it('fails when the client breaks off, or sends more than it may', async () => {
      const gone = anUpload();
      const first = gone.body.view(100).catch((problem: Problem) => problem.code);
      gone.req.destroy();
      expect(await first).to.equal('client-closed');
      const large = anUpload(10);
      const second = large.body.view(100).catch((problem: Problem) => problem.code);
      large.req.write('x'.repeat(11));
      expect([await second, large.failures]).to.deep.equal(['body-too-large', ['body-too-large']]);
    });

    it('fails for everybody once it has failed', async () => {
      const { req, body } = anUpload(10);
      req.write('x'.repeat(11));
      for (let turn = 0; turn < 2; turn += 1) expect(await body.view(100).catch(({ code }) => code)).to.equal('body-too-large');
      expect(() => body.open()).to.throw(Problem);
      const gone = anUpload();
      gone.req.destroy();
      await new Promise((resolve) => setImmediate(resolve));
      expect(await gone.body.view(100).catch(({ code }) => code)).to.equal('client-closed');
    });

    it('is seen by several at once', async () => {
      const { req, body } = anUpload();
      const views = [body.view(100), body.view(2), body.view(100)];
      req.end('abc');
      expect((await Promise.all(views)).map((view) => view && String(view))).to.deep.equal(['abc', undefined, 'abc']);
    });

    it('is not seen any more once a try reads it or nobody wants it, and whoever waits is told', async () => {
      const { req, body } = anUpload();
      const view = body.view(100);
      req.write('some ');
      const one = whole(body.open());
      expect([await view, body.viewable, await body.view(100)]).to.deep.equal([undefined, false, undefined]);
      req.end('more');
      expect(await one).to.equal('some more');
      expect([body.viewable, String(await body.view(100))]).to.deep.equal([true, 'some more']);
      const left = anUpload();
      const unseen = left.body.view(100);
      left.body.release();
      expect([await unseen, left.body.viewable]).to.deep.equal([undefined, false]);
    });

    it('is empty when nothing comes', async () => {
      const { req, body } = anUpload();
      const view = body.view(10);
      req.end();
      expect((await view)?.length).to.equal(0);
    });
  });

  it('is shown to all who only look on, once it has been read', async () => {
    const { req, body } = anUpload();
    const seen: (string | undefined)[] = [];
    body.whenWhole((buffer) => seen.push(buffer && String(buffer)));
    body.whenWhole((buffer) => seen.push(buffer && String(buffer)));
    const one = whole(body.open());
    req.end('all');
    await one;
    body.whenWhole((buffer) => seen.push(buffer && String(buffer)));
    expect(seen).to.deep.equal(['all', 'all', 'all']);
    const large = anUpload();
    large.body.whenWhole((buffer) => seen.push(buffer && 'kept'));
    const other = whole(large.body.open());
    large.req.end('x'.repeat(100_000));
    await other;
    const unread = anUpload();
    unread.body.whenWhole((buffer) => seen.push(buffer && 'read'));
    unread.body.release();
    expect(seen.slice(3)).to.deep.equal([undefined, undefined]);
  });

  it('may be bounded once more, by less', async () => {
    const { req, body, failures } = anUpload(100);
    body.limitTo(1000);
    body.limitTo(10);
    whole(body.open()).catch(() => {});
    req.write('x'.repeat(11));
    await new Promise((resolve) => setImmediate(resolve));
    expect(failures).to.deep.equal(['body-too-large']);
  });
});
