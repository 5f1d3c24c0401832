import { expect } from 'chai';
import { contractReports } from '../../../core/middleware/contract-reports.ts';
import type { Logger } from '../../../core/telemetry/logger.ts';
import { testClock } from '../../support/clock.ts';

describe('reports on contracts', () => {
  function reporting() {
    const lines: Record<string, unknown>[] = [];
    const counted: [number, Record<string, unknown>][] = [];
    const counter = { add: (value: number, attributes: Record<string, unknown>) => void counted.push([value, attributes]) };
    const clock = testClock();
    const logger = { warn: (line: Record<string, unknown>) => void lines.push(line) } as unknown as Logger;
    const reports = contractReports({ logger, instruments: { contractViolations: counter, contractUnchecked: counter } as never, clock });
    return { reports, lines, counted, clock };
  }
  const what = { route: 'orders', service: 'orders', operation: 'GET /', direction: 'request', mode: 'report' } as const;
  const fault = { in: 'query', pointer: 'a', detail: 'is required' } as const;

  it('are a line a minute for each kind, with how many there were, and every one counted', () => {
    const { reports, lines, counted, clock } = reporting();
    for (let count = 0; count < 5; count += 1) reports.violated(what, [fault]);
    reports.violated(what, [{ ...fault, in: 'body' }]);
    reports.violated({ ...what, direction: 'response' }, [fault]);
    expect(lines.map(({ kind, direction, count }) => [kind, direction, count])).to.deep.equal([
      ['query', 'request', 1],
      ['body', 'request', 1],
      ['query', 'response', 1],
    ]);
    clock.advance(59_999);
    reports.violated(what, [fault]);
    expect(lines).to.have.length(3);
    clock.advance(1);
    reports.violated(what, [fault]);
    expect(lines.at(-1)).to.include({ kind: 'query', count: 6 });
    expect(counted).to.have.length(9);
    expect(counted[0]).to.deep.equal([1, { 'gateway.route.id': 'orders', direction: 'request', kind: 'query' }]);
  });

  it('tell nothing of what was asked', () => {
    const { reports, lines } = reporting();
    reports.violated(what, [{ in: 'body', pointer: '#/secret', detail: 'is not allowed', rule: '#/additionalProperties' }]);
    expect(JSON.stringify(lines)).not.to.contain('secret');
    expect(lines[0]).to.include({ rule: '#/additionalProperties' });
  });

  it('are bounded in memory, whatever there is to tell', () => {
    const { reports, lines, counted } = reporting();
    for (let count = 0; count < 1_100; count += 1) reports.violated({ ...what, operation: `GET /${count}` }, [fault]);
    expect(lines).to.have.length(1_000);
    expect(counted).to.have.length(1_100);
  });

  it('count what was not looked at by its reason', () => {
    const { reports, counted } = reporting();
    reports.unchecked('response', 'size');
    expect(counted).to.deep.equal([[1, { direction: 'response', reason: 'size' }]]);
  });
});
