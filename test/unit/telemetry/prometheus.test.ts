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

  it('is the same packed', async () => {
    const { expose } = large(5);
    const scrape = scraping(expose);
    const [plain, packed] = [await scrape('identity'), await scrape('gzip')];
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
