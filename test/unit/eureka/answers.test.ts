import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import Koa from 'koa';
import { Answers } from '../../../core/eureka/answers.ts';
import { type TestClock, testClock } from '../../support/clock.ts';

describe('an answer that many ask for', () => {
  let clock: TestClock;
  let version: number;
  let size: number;
  let made: number;
  let ask: (headers?: Record<string, string>) => Promise<string>;
  let close: () => void;

  beforeEach(async () => {
    [clock, version, size, made] = [testClock(), 1, 10_000, 0];
    const answers = new Answers({ clock, version: () => version });
    const app = new Koa().use((ctx) =>
      answers.send(ctx, 'all', () => {
        made += 1;
        return [Buffer.from(String(version)), Buffer.alloc(size - 1, ' ')];
      }),
    );
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    ask = async (headers = {}) => (await (await fetch(url, { headers: { accept: 'application/json', ...headers } })).text()).trim();
    close = () => {
      server.close();
      server.closeAllConnections();
    };
  });
  afterEach(() => close());

  it('is made once for all until something changes, or the heartbeats in it are half a minute old', async () => {
    for (let at = 0; at < 3; at += 1) expect(await ask()).to.equal('1');
    expect(made).to.equal(1);
    version = 2;
    expect(await ask()).to.equal('2');
    clock.advance(29_999);
    await ask();
    expect(made).to.equal(2);
    clock.advance(1);
    await ask();
    expect(made).to.equal(3);
  });

  it('is the same with and without compression, each made for who asks for it', async () => {
    expect([await ask({ 'accept-encoding': 'gzip' }), await ask({ 'accept-encoding': 'identity' })]).to.deep.equal(['1', '1']);
    expect(made).to.equal(2);
  });

  it('may be from shortly before a change when it is large, but not for who wants the latest', async () => {
    size = 200_000;
    await ask();
    version = 2;
    clock.advance(39);
    expect(await ask()).to.equal('1');
    expect(await ask({ 'cache-control': 'max-age=0, no-cache' })).to.equal('2');
    expect(await ask()).to.equal('2');
    version = 3;
    clock.advance(40);
    expect(await ask()).to.equal('3');
    expect(made).to.equal(3);
  });
});
