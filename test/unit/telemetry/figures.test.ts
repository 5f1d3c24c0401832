import { expect } from 'chai';
import { Problem, type ProblemCode } from '../../../core/problem.ts';
import { Figures, type FiguresReport, type Occurrence } from '../../../core/telemetry/figures.ts';
import { LatencySum } from '../../../core/telemetry/latencies.ts';

const latencies = new LatencySum();

function figures(...occurrences: readonly Partial<Occurrence>[]): Figures {
  const all = new Figures();
  for (const one of occurrences) all.record({ status: 200, problem: undefined, bytesIn: 0, bytesOut: 0, milliseconds: 1, ...one });
  return all;
}

const reported = (...parts: readonly Figures[]): FiguresReport => Figures.report(parts, 10, latencies);
const failed = (code: ProblemCode, more: Partial<Occurrence> = {}) => {
  const problem = new Problem(code);
  return { status: problem.status, problem, ...more };
};

describe('Figures', () => {
  it('tells requests, their rate, statuses by class and bytes', () => {
    expect(
      reported(figures({ bytesIn: 3, bytesOut: 5 }, { status: 204 }, { status: 304 }, { status: 404, bytesOut: 7 }), figures({})),
    ).to.deep.equal({
      requests: 5,
      rate: 0.5,
      statuses: { '2xx': 3, '3xx': 1, '4xx': 1 },
      errors: {},
      refused: {},
      bytesIn: 3,
      bytesOut: 12,
      p50: 1,
      p90: 1,
      p99: 1,
      max: 1,
    });
  });

  it('tells errors by the code of the problem, else by status; what the gateway refused is none', () => {
    const { errors, refused } = reported(
      figures(failed('attempt-timeout'), failed('attempt-timeout'), { status: 503 }, { status: 500 }, failed('no-endpoint')),
      figures(failed('rate-limited'), failed('circuit-open'), failed('circuit-open'), failed('no-route'), { status: 500 }),
    );
    expect(errors).to.deep.equal({ 'attempt-timeout': 2, '503': 1, '500': 2, 'no-endpoint': 1 });
    expect(refused).to.deep.equal({ 'rate-limited': 1, 'circuit-open': 2, 'no-route': 1 });
  });

  it('counts who left as neither', () => {
    const left = figures(
      { status: undefined, problem: new Problem('client-closed') },
      { status: 200, problem: new Problem('client-closed') },
    );
    expect(reported(left)).to.deep.include({ requests: 2, statuses: { none: 1, '2xx': 1 }, errors: {}, refused: {}, max: null });
  });

  it('tells how long what was answered took: not what was refused at once, nor a tunnel, but what failed', () => {
    const { max, p50 } = reported(
      figures(
        { milliseconds: 8 },
        failed('rate-limited', { milliseconds: 1_000 }),
        { status: 101, milliseconds: undefined },
        failed('attempt-timeout', { milliseconds: 16 }),
      ),
    );
    expect([p50, max]).to.deep.equal([8.063, 16]);
  });

  it('adds up, and begins anew once cleared', () => {
    const occurrences = [{ bytesIn: 1 }, failed('rate-limited'), failed('idle-timeout', { milliseconds: 3 }), { status: 502 }];
    const sum = figures(...occurrences);
    sum.add(figures(...occurrences));
    expect(reported(sum)).to.deep.equal(reported(figures(...occurrences, ...occurrences)));
    sum.clear();
    expect(reported(sum)).to.deep.equal(reported());
  });
});
