import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { at, written } from '../../core/revisions/written.ts';
import { eventually } from './support/eventually.ts';
import { type Pair, pairOf } from './support/pair.ts';
import { serversOfThisSuite } from './support/servers.ts';

const TEXT = `services: # ours
  orders: { endpoints: ["http://127.0.0.1:1"] } # the first
routes:
  - { name: orders, match: { path: /orders }, service: orders, expose: { public: { access: anonymous }, private: { callers: [tests] } } }
`;
const WRITERS = 100;
/** Each of whom fails as often as there are others before it. */
const PERSISTENT = 24;

describe('Two writers never lose an update', () => {
  const servers = serversOfThisSuite();
  let pair: Pair;
  beforeEach(async () => {
    pair = await pairOf(servers, TEXT);
  });
  const sides = () => [pair.outside, pair.inside] as const;
  const service = (n: number) => ({ endpoints: [`http://127.0.0.1:${10_000 + n}`] });
  const inFile = () => Object.keys(at(written(pair.text()), ['services']) as object);

  it(`of ${WRITERS} with the same revision, over both admin ports, one is taken and all others are told`, async () => {
    const { etag } = await pair.outside.ask('GET', '/services');
    const answers = await Promise.all(
      Array.from({ length: WRITERS }, async (_, n) => {
        const { status, body } = await (sides()[n % 2] ?? pair.outside).ask('PUT', `/services/s${n}`, service(n), { match: etag });
        return { n, status, body };
      }),
    );
    const taken = answers.filter(({ status }) => status === 201);
    expect(taken).to.have.length(1);
    expect(answers.filter(({ status }) => status === 412)).to.have.length(WRITERS - 1);
    expect(inFile()).to.deep.equal(['orders', `s${taken[0]?.n}`]);
  }).timeout(60_000);

  it(`of ${PERSISTENT} who read again and try again, each lands, and what was answered as done is there`, async () => {
    let lost = 0;
    const write = async (n: number): Promise<void> => {
      const side = sides()[n % 2] ?? pair.outside;
      let match = (await side.ask('GET', `/services/orders`)).etag;
      for (;;) {
        const { status, etag } = await side.ask('PUT', `/services/s${n}`, service(n), { match });
        if (status === 201) return;
        expect(status).to.equal(412);
        match = etag;
        lost += 1;
      }
    };
    await Promise.all(Array.from({ length: PERSISTENT }, (_, n) => write(n)));
    expect(inFile().sort()).to.deep.equal(['orders', ...Array.from({ length: PERSISTENT }, (_, n) => `s${n}`)].sort());
    expect(lost).to.be.greaterThan(0);
    expect(pair.text()).to.match(/^services: # ours\n {2}orders: .* # the first\n/);
    // The one that did not write last follows by itself.
    const { etag } = await pair.outside.ask('GET', '/services');
    for (const { reloading } of sides())
      await eventually(
        () => `"${reloading.loaded.revision}"`,
        (revision) => revision === etag,
      );
  }).timeout(60_000);

  it('nor does an editor, who asks nobody', async () => {
    const { etag } = await pair.outside.ask('GET', '/services');
    writeFileSync(pair.file, `${pair.text()}# by hand\n`);
    expect((await pair.outside.ask('PUT', '/services/s', service(1), { match: etag })).status).to.equal(412);
    expect(pair.text()).to.match(/# by hand\n$/);
  });
});
