import { expect } from 'chai';
import { Problem } from '../../../core/problem.ts';
import type { Occurrence } from '../../../core/telemetry/figures.ts';
import { UpstreamResponse } from '../../../core/upstream/response.ts';
import { wholeBody } from '../../../core/upstream/sendable.ts';
import { tellAnswered, tellFailed } from '../../../core/upstream/tell.ts';
import { testClock } from '../../support/clock.ts';
import { anExchange } from './an-exchange.ts';

describe('what the statistics are told of a call', () => {
  const clock = testClock();
  let told: { occurrence: Occurrence; now: number }[];
  const tell = (occurrence: Occurrence, now: number) => void told.push({ occurrence, now });
  const response = (status: number) => new UpstreamResponse(status, '', [], { pause() {}, resume() {}, abort() {} });
  const exchange = anExchange({ body: wholeBody(Buffer.from('1234567')) });

  beforeEach(() => {
    told = [];
  });

  it('comes with the end of its answer: the bytes until then, the time until its first', () => {
    const answer = response(200);
    tellAnswered(exchange, answer, 5, clock, tell);
    answer.receive(Buffer.from('0123'));
    answer.status = 418;
    expect(told).to.deep.equal([]);
    clock.advance(100);
    answer.complete([]);
    const occurrence = { status: 200, problem: undefined, bytesIn: 7, bytesOut: 4, milliseconds: 5 };
    expect(told).to.deep.equal([{ occurrence, now: clock.now() }]);
  });

  it('has why an answer was cut', () => {
    const answer = response(200);
    const problem = new Problem('response-incomplete');
    tellAnswered(exchange, answer, 5, clock, tell);
    answer.fail(problem);
    expect(told[0]?.occurrence).to.deep.include({ status: 200, problem });
  });

  it('comes at once, without a time, for a tunnel', () => {
    tellAnswered(exchange, response(101), 5, clock, tell);
    expect(told[0]?.occurrence).to.deep.equal({ status: 101, problem: undefined, bytesIn: 0, bytesOut: 0, milliseconds: undefined });
  });

  it('has why there was no answer', () => {
    const problem = new Problem('connection-refused');
    tellFailed(exchange, problem, 3, clock, tell);
    expect(told[0]?.occurrence).to.deep.equal({ status: undefined, problem, bytesIn: 7, bytesOut: 0, milliseconds: 3 });
  });
});
