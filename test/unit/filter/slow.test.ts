import { expect } from 'chai';
import { slowFilters } from '../../../core/filter/slow.ts';
import type { Logger } from '../../../core/telemetry/logger.ts';
import { testClock } from '../../support/clock.ts';

describe('filters that take long', () => {
  it('are named once a minute each, with how often it was', () => {
    const told: object[] = [];
    const clock = testClock();
    const slow = slowFilters(100, clock, { warn: (fields: object) => told.push(fields) } as unknown as Logger);
    slow('audit', 'pre', 99.9);
    slow('audit', 'pre', 100);
    slow('audit', 'post', 150.4);
    slow('audit', 'pre', 100);
    clock.advance(59_999);
    slow('audit', 'pre', 100);
    clock.advance(1);
    slow('audit', 'pre', 300);
    const line = (stage: string, tookMs: number, times: number) => ({ event: 'filter-slow', filter: 'audit', stage, tookMs, times });
    expect(told).to.deep.equal([line('pre', 100, 1), line('post', 150, 1), line('pre', 300, 3)]);
  });
});
