import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { expect } from 'chai';
import type { ByteText } from '../../../core/telemetry/byte-text.ts';
import { prometheusReader } from '../../../core/telemetry/prometheus.ts';

/** So many pieces, of which each is a slice, and each is counted as it is asked for. */
function large(count: number) {
  const read = { pieces: 0, expositions: 0 };
  function* expose(into: ByteText): Iterable<void> {
    read.expositions += 1;
    for (let at = 0; at < count; at += 1) {
      read.pieces += 1;
      into.text(`piece ${at} é ${'x'.repeat(512 * 1024)}\n`);
      yield;
    }
    into.text('the end\n');
  }
  return { read, expose };
}

function scraping(expose: (into: ByteText) => Iterable<void>) {
  const { reader, scrape } = prometheusReader({ expose });
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test', '1');
  meter.createCounter('sdk').add(1);
  return scrape;
}

describe('what Prometheus scrapes', () => {
  it('is what the SDK has, and then all the pieces', async () => {
    const { expose } = large(3);
    const text = Buffer.concat(await scraping(expose)('identity')).toString();
    expect(text).to.match(/# TYPE sdk_total counter\nsdk_total 1\npiece 0 é x+\npiece 1 é x+\npiece 2 é x+\nthe end\n$/);
  });

  for (const coding of ['identity', 'gzip'] as const)
    it(`lets others have their turn behind each slice (${coding})`, async () => {
      const { read, expose } = large(10);
      const seen = new Set<number>();
      const look = () => {
        seen.add(read.pieces);
        if (read.pieces < 10) setImmediate(look);
      };
      setImmediate(look);
      await scraping(expose)(coding);
      for (const pieces of [1, 2, 3, 4, 5, 6, 7, 8, 9]) expect(seen.has(pieces), `a turn behind ${pieces}`).to.equal(true);
    });

  for (const coding of ['identity', 'gzip'] as const)
    it(`never has more than 64 KiB written between two turns of others (${coding})`, async () => {
      let [lines, before, most] = [0, 0, 0];
      function* expose(into: ByteText): Iterable<void> {
        for (; lines < 1_000; lines += 1) {
          into.text(`${'x'.repeat(1023)}\n`);
          yield;
        }
      }
      const look = () => {
        most = Math.max(most, lines - before);
        before = lines;
        if (lines < 1_000) setImmediate(look);
      };
      setImmediate(look);
      await scraping(expose)(coding);
      expect(most).to.be.within(1, 64);
    });

  for (const coding of ['identity', 'gzip'] as const)
    it(`lets others have their turn amid what the SDK has (${coding})`, async () => {
      const { reader, scrape } = prometheusReader({ expose: () => [] });
      const counter = new MeterProvider({ readers: [reader] }).getMeter('test', '1').createCounter('sdk');
      for (let id = 0; id < 100; id += 1) counter.add(1, { id, long: 'x'.repeat(10_000) });
      const slices = Math.ceil(Buffer.concat(await scrape('identity')).length / (64 * 1024));
      let turns = 0;
      let looking = true;
      const look = () => {
        turns += 1;
        if (looking) setImmediate(look);
      };
      setImmediate(look);
      await scrape(coding);
      looking = false;
      expect(slices).to.be.above(10);
      expect(turns).to.be.at.least(slices - 1);
    });

  it('is the same packed', async () => {
    const { expose } = large(5);
    // What gets no smaller comes to several chunks.
    const noise = createHash('shake256', { outputLength: 200_000 }).update('noise').digest('hex');
    const scrape = scraping(function* (into) {
      yield* expose(into);
      for (let at = 0; at < noise.length; at += 1_000) {
        into.text(noise.slice(at, at + 1_000));
        yield;
      }
    });
    const [plain, packed] = [await scrape('identity'), await scrape('gzip')];
    expect(packed.length).to.be.within(3, 4);
    expect(gunzipSync(Buffer.concat(packed)).equals(Buffer.concat(plain))).to.equal(true);
  });

  it('is written once for all who ask at a time, and anew for who asks later', async () => {
    const { read, expose } = large(2);
    const scrape = scraping(expose);
    for (const coding of ['identity', 'gzip'] as const) {
      read.expositions = 0;
      const [one, other] = await Promise.all([scrape(coding), scrape(coding)]);
      expect(one).to.equal(other);
      expect(read.expositions).to.equal(1);
      expect(await scrape(coding)).not.to.equal(one);
      expect(read.expositions).to.equal(2);
    }
  });

  it("has as many series of the SDK's instruments as of others", async () => {
    const { reader, scrape } = prometheusReader({ expose: () => [] });
    const counter = new MeterProvider({ readers: [reader] }).getMeter('test', '1').createCounter('sdk');
    for (let id = 0; id < 2_500; id += 1) counter.add(1, { id });
    const text = Buffer.concat(await scrape('identity')).toString();
    expect(text.match(/^sdk_total\{id="\d+"\} 1$/gm)).to.have.length(2_500);
  });

  it('that failed is no answer for who asks later', async () => {
    let failing = true;
    const scrape = scraping((into) => {
      if (failing) throw new Error('not now');
      into.text('well\n');
      return [];
    });
    const [plain, packed] = await Promise.allSettled([scrape('identity'), scrape('gzip')]);
    expect([plain.status, packed.status]).to.deep.equal(['rejected', 'rejected']);
    failing = false;
    expect(Buffer.concat(await scrape('identity')).toString()).to.match(/well\n$/);
  });
});
