import { expect } from 'chai';
import { measurePressure, type Pressure } from '../../../core/telemetry/pressure.ts';

describe('the pressure on a process', () => {
  const measured: Pressure[] = [];
  const changes: boolean[] = [];
  const measure = (allowed: ReturnType<Parameters<typeof measurePressure>[0]>): Pressure => {
    const pressure = measurePressure(
      () => allowed,
      (overloaded) => changes.push(overloaded),
    );
    measured.push(pressure);
    return pressure;
  };
  afterEach(() => {
    for (const pressure of measured.splice(0)) pressure.stop();
    changes.length = 0;
  });
  const turn = () => new Promise((resolve) => setTimeout(resolve, 1));
  /** Nothing else runs meanwhile. */
  const block = (milliseconds: number) => {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
  };
  const until = async (isRight: () => boolean, meanwhile: () => unknown = () => {}) => {
    while (!isRight()) {
      meanwhile();
      await turn();
    }
  };

  it('is none before it was measured', () => {
    expect(measure({ eventLoopDelay: 200, heap: 0.95 }).level()).to.equal(0);
  });

  it('is above 1 when the event loop is later than allowed, and falls when it is no more', async () => {
    const pressure = measure({ eventLoopDelay: 200, heap: 0.95 });
    await until(
      () => pressure.level() > 1,
      () => block(300),
    );
    await until(() => pressure.level() < 1);
    expect(changes).to.deep.equal([true, false]);
  });

  it('grows with the delay: at thrice what is allowed it is beyond 2', async () => {
    const pressure = measure({ eventLoopDelay: 50, heap: 0.95 });
    await until(
      () => pressure.level() > 2,
      () => block(300),
    );
  });

  it('is the fill of the heap when that is the worse', async () => {
    const pressure = measure({ eventLoopDelay: 1e9, heap: 1e-6 });
    await until(() => pressure.level() > 0);
    // Half of the rest of the heap counts as twice the limit.
    expect(pressure.level()).to.be.within(1, 3);
    const easy = measure({ eventLoopDelay: 1e9, heap: 1 });
    await until(() => easy.level() > 0);
    expect(easy.level()).to.be.within(0, 1);
  });

  it('is looked at no more once it was stopped', async () => {
    const [stopped, other] = [measure({ eventLoopDelay: 1e9, heap: 0.95 }), measure({ eventLoopDelay: 1e9, heap: 0.95 })];
    stopped.stop();
    await until(() => other.level() > 0);
    expect(stopped.level()).to.equal(0);
  });
});
