import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { expect } from 'chai';
import fc from 'fast-check';
import { ByteText } from '../../../core/telemetry/byte-text.ts';
import { type OwnMetrics, ownMetrics } from '../../../core/telemetry/own-metrics.ts';

const fresh = (keep?: number) => ownMetrics({ name: 'test', version: '1' }, () => 0, keep);
/** As little room as makes it grow. */
function exposed(own: OwnMetrics): string {
  const text = new ByteText(1);
  for (const _ of own.expose(text));
  return text.written.toString();
}

const texts = fc.oneof(fc.constantFrom('a', '"', '\\', '\n', 'é', '{id}', '\\n'), fc.string());
const attributes = fc.record({ 'http.route': texts, status: fc.nat(3), 'a-b..c': fc.boolean() }, { requiredKeys: [] });
const numbers = fc.oneof(
  fc.double({ noNaN: true }),
  fc.constantFrom(0, -0, 9, 10, 999_999_999, 1e9, 0.1 + 0.2, 1e21, 1e-7, Infinity, -Infinity),
);

describe('exposition', () => {
  it("is what OpenTelemetry's serializer writes, to the byte", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(numbers, attributes), { minLength: 1, maxLength: 20 }), texts, async (recorded, description) => {
        const own = fresh();
        const options = { description, unit: '', attributes: ['http.route', 'status', 'a-b..c'] };
        const histogram = own.histogram('h.of-all', [0, 0.5, 1, 3], options);
        const counter = own.counter('c', options);
        own.gauge('g', options, () => recorded);
        own.counter('silent', options);
        for (const [value, given] of recorded) {
          histogram.record(value, given);
          counter.add(value, given);
        }
        const { resourceMetrics } = await own.producer.collect();
        const theirs = new PrometheusSerializer(undefined, false, undefined, true, true).serialize(resourceMetrics);
        expect(exposed(own)).to.equal(theirs);
        expect(exposed(own), 'with the labels that were kept').to.equal(theirs);
      }),
      { numRuns: 200 },
    );
  });

  it('has the unit in the name, and says it', () => {
    const own = fresh();
    own.counter('gateway.sent', { description: 'Sent.', unit: 'By', attributes: [] }).add(3, {});
    own.gauge('gateway.open', { description: 'Open.', unit: '{connection}' }, () => [[1, {}]]);
    expect(exposed(own)).to.equal(
      [
        '# HELP gateway_sent_bytes_total Sent.',
        '# UNIT gateway_sent_bytes_total bytes',
        '# TYPE gateway_sent_bytes_total counter',
        'gateway_sent_bytes_total 3',
        '# HELP gateway_open Open.',
        '# TYPE gateway_open gauge',
        'gateway_open 1',
        '',
      ].join('\n'),
    );
  });

  it('is the same whether or not series have changed since, and however few are kept', () => {
    const series = fc.nat(5);
    const turns = fc.array(fc.array(fc.tuple(series, fc.constantFrom(0.5, 1, 9e9)), { maxLength: 4 }), { minLength: 3, maxLength: 8 });
    fc.assert(
      fc.property(turns, fc.constantFrom(0, 200, 500, 1e6), fc.option(series), (turns, keep, dropped) => {
        const [kept, all] = [fresh(keep), [] as [number, number][]];
        const options = { description: '', unit: '', attributes: ['id'] };
        const histogram = kept.histogram('h', [1, 3], options);
        for (const turn of turns) {
          if (dropped !== null && turn === turns.at(-2)) histogram.drop({ id: dropped });
          if (dropped !== null && turn === turns.at(-2)) all.splice(0, all.length, ...all.filter(([id]) => id !== dropped));
          for (const [id, value] of turn) {
            histogram.record(value, { id });
            all.push([id, value]);
          }
          const other = fresh();
          const anew = other.histogram('h', [1, 3], options);
          for (const [id, value] of all) anew.record(value, { id });
          expect(exposed(kept)).to.equal(exposed(other));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('can be read with pauses, in which series come and go', () => {
    const own = fresh();
    const histogram = own.histogram('h', [1], { description: '', unit: '', attributes: ['id'] });
    for (const id of ['a', 'b', 'c']) histogram.record(1, { id });
    const read: string[] = [];
    const text = new ByteText(1);
    for (const _ of own.expose(text)) {
      read.push(/_count\{id="(.)"\}/.exec(text.written.toString())?.[1] ?? '');
      text.clear();
      if (read.length > 1) continue;
      histogram.drop({ id: 'b' });
      histogram.record(1, { id: 'd' });
    }
    expect(read).to.deep.equal(['a', 'c', 'd']);
  });
});
