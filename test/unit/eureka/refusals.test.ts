import { mock } from 'node:test';
import { expect } from 'chai';
import type { Context } from 'koa';
import { refusals } from '../../../core/eureka/refusals.ts';
import { Refused } from '../../../core/eureka/refused.ts';
import type { Logger } from '../../../core/telemetry/logger.ts';
import { testClock } from '../../support/clock.ts';

describe('what the registry refuses', () => {
  const start = () => {
    const clock = testClock();
    const logged: { status: number; address: string; reason: string }[] = [];
    const onRefused = mock.fn();
    const logger = { warn: (record: (typeof logged)[number]) => logged.push(record) } as unknown as Logger;
    const middleware = refusals({ clock, logger, onRefused });
    const refuse = async (address: string, status = 403) => {
      const given = { method: 'GET', req: { socket: { remoteAddress: address }, readableEnded: true } } as unknown as Context;
      await middleware(given, () => Promise.reject(new Refused(status, 'for a reason')));
      return given;
    };
    return { clock, logged, onRefused, refuse };
  };

  it('is told to who asked each time, and in the log once a minute for each of them', async () => {
    const { clock, logged, onRefused, refuse } = start();
    for (let count = 0; count < 3; count += 1) {
      const { status, body } = await refuse('::ffff:10.0.0.1');
      expect([status, body]).to.deep.equal([403, 'for a reason\n']);
    }
    await refuse('10.0.0.2');
    await refuse('10.0.0.1', 400);
    const lines = () => logged.map(({ address, status }) => `${address} ${status}`);
    expect(lines()).to.deep.equal(['10.0.0.1 403', '10.0.0.2 403', '10.0.0.1 400']);
    clock.advance(59_999);
    await refuse('10.0.0.1');
    expect(lines()).to.have.length(3);
    clock.advance(1);
    await refuse('10.0.0.1');
    expect(lines()).to.have.length(4);
    expect(onRefused.mock.callCount()).to.equal(7);
  });

  it('is remembered of so many, the last of them', async () => {
    const { logged, refuse } = start();
    for (let at = 0; at <= 1_000; at += 1) await refuse(`10.0.${at >> 8}.${at & 255}`);
    await refuse('10.0.3.232');
    expect(logged).to.have.length(1_001);
    await refuse('10.0.0.0');
    expect(logged).to.have.length(1_002);
  });
});
