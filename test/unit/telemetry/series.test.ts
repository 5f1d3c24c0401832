import type { Attributes } from '@opentelemetry/api';
import { expect } from 'chai';
import fc from 'fast-check';
import { SeriesByAttributes } from '../../../core/telemetry/series.ts';

const names = ['method', 'status', 'error'];
const attributes: fc.Arbitrary<Attributes> = fc.record(
  { error: fc.constantFrom('a', 'b'), method: fc.constantFrom('GET', 'POST'), status: fc.constantFrom(200, '200', 404), other: fc.nat(3) },
  { requiredKeys: [] },
);
const plainKey = (given: Attributes): string => JSON.stringify(names.map((name) => given[name] ?? null));

describe('series', () => {
  it('are told apart by the declared attributes alone, in whatever order they were written', () => {
    fc.assert(
      fc.property(fc.array(attributes, { maxLength: 60 }), (recorded) => {
        const series = new SeriesByAttributes(names, () => ({ total: 0 }));
        const plain = new Map<string, number>();
        for (const given of recorded) {
          series.of(given).total += 1;
          plain.set(plainKey(given), (plain.get(plainKey(given)) ?? 0) + 1);
        }
        expect(new Map([...series].map(({ attributes, count }) => [plainKey(attributes), count.total]))).to.deep.equal(plain);
      }),
    );
  });

  it('carry the attributes that were given and no others', () => {
    const series = new SeriesByAttributes(names, () => ({}));
    series.of({ status: 200, other: 1, method: 'GET' });
    expect([...series].map(({ attributes }) => attributes)).to.deep.equal([{ method: 'GET', status: 200 }]);
  });

  it('are dropped by some of their attributes, and begin anew', () => {
    const recorded = fc.array(fc.oneof(fc.record({ add: attributes }), fc.record({ drop: attributes })), { maxLength: 60 });
    fc.assert(
      fc.property(recorded, (steps) => {
        const series = new SeriesByAttributes(names, () => ({ total: 0 }));
        const plain = new Map<string, { given: Attributes; total: number }>();
        for (const step of steps) {
          if ('add' in step) {
            const { add } = step;
            series.of(add).total += 1;
            plain.set(plainKey(add), { given: add, total: (plain.get(plainKey(add))?.total ?? 0) + 1 });
          } else {
            const wanted = names.filter((name) => step.drop[name] !== undefined);
            for (const [key, { given }] of plain) if (wanted.every((name) => given[name] === step.drop[name])) plain.delete(key);
            series.drop(step.drop);
          }
        }
        expect(new Map([...series].map(({ attributes, count }) => [plainKey(attributes), count.total]))).to.deep.equal(
          new Map(Array.from(plain, ([key, { total }]) => [key, total])),
        );
      }),
    );
  });

  it('make room for others when they are dropped', () => {
    const series = new SeriesByAttributes(['service', 'id'], () => ({ total: 0 }), 3);
    for (let id = 0; id < 10; id += 1) {
      series.of({ service: 'a', id }).total += 1;
      series.of({ service: 'b', id: 0 }).total += 1;
      series.drop({ service: 'a', id });
    }
    expect([...series].map(({ attributes, count }) => [attributes, count.total])).to.deep.equal([[{ service: 'b', id: 0 }, 10]]);
  });

  it('beyond the limit are counted as one, and those there were go on', () => {
    const series = new SeriesByAttributes(['id'], () => ({ total: 0 }), 3);
    for (const id of [1, 2, 3, 4, 1]) series.of({ id }).total += 1;
    expect([...series].map(({ attributes, count }) => [attributes, count.total])).to.deep.equal([
      [{ id: 1 }, 2],
      [{ id: 2 }, 1],
      [{ 'otel.metric.overflow': true }, 2],
    ]);
  });
});
