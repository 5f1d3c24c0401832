import { expect } from 'chai';
import { EVERY, History, SAMPLES } from '../../../core/admin/history.ts';

const sample = (rate: number) => ({ rate, failures: rate / 10 });

describe('the history of services', () => {
  it('has two minutes, the newest last', () => {
    const history = new History();
    for (let turn = 1; turn <= SAMPLES + 5; turn += 1) history.record(turn * EVERY, [['orders', sample(turn)]]);
    const { until, every, services } = history.report() as unknown as {
      until: number;
      every: number;
      services: { orders: { rates: number[]; failures: number[] } };
    };
    expect([until, every]).to.deep.equal([(SAMPLES + 5) * EVERY, EVERY]);
    expect(services.orders.rates).to.have.length(SAMPLES);
    expect([services.orders.rates[0], services.orders.rates.at(-1), services.orders.failures.at(-1)]).to.deep.equal([6, 65, 6.5]);
  });

  it('forgets services that are gone, and everything that a pause has made old', () => {
    const history = new History();
    history.record(EVERY, [
      ['orders', sample(1)],
      ['stock', sample(1)],
    ]);
    history.record(2 * EVERY, [['orders', sample(2)]]);
    expect(Object.keys(history.report()['services'] as object)).to.deep.equal(['orders']);
    history.record(60 * EVERY, [['orders', sample(3)]]);
    expect(history.report()['services']).to.deep.equal({ orders: { rates: [3], failures: [0.3] } });
  });

  it('goes on from what another one reported, and from nothing where that is no report', () => {
    const history = new History();
    history.record(EVERY, [['orders', sample(1)]]);
    const other = History.of(JSON.parse(JSON.stringify(history.report())));
    expect([other.due(EVERY + 1_000), other.due(2 * EVERY)]).to.deep.equal([false, true]);
    expect(other.due(-EVERY), 'by a clock that was set back').to.equal(true);
    other.record(2 * EVERY, [['orders', sample(2)]]);
    expect(other.report()['services']).to.deep.equal({ orders: { rates: [1, 2], failures: [0.1, 0.2] } });
    for (const strange of [
      undefined,
      null,
      7,
      {},
      { until: 1 },
      { until: 1, services: { a: null } },
      { until: 1, services: { a: { rates: 'x', failures: [{}] } } },
    ])
      expect(() => History.of(strange), JSON.stringify(strange)).to.not.throw();
    expect(History.of({ until: 1, services: { a: { rates: 'x', failures: [{}, 2] } } }).report()['services']).to.deep.equal({
      a: { rates: [], failures: [0, 2] },
    });
  });
});
