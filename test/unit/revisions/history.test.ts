import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type History, history, type Kept } from '../../../core/revisions/history.ts';

const entry = (n: number): Kept => ({
  ...{ at: 1_000, cause: 'api', note: `change ${n}`, gateway: 'public-gateway' },
  revision: n.toString(16).padStart(12, '0'),
  text: `n: ${n}\n`,
});

describe('the history of a configuration', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const kinds: readonly (readonly [string, () => History])[] = [
    ['on disk', () => history(join(folder, 'revisions'))],
    ['in memory', () => history(undefined)],
  ];
  for (const [name, create] of kinds)
    it(`${name} has the last fifty, the newest first, and no revision twice in a row`, () => {
      const kept = create();
      expect([kept.list(), kept.find('000000000001')]).to.deep.equal([[], undefined]);
      for (let n = 1; n <= 60; n += 1) {
        kept.record(entry(n));
        kept.record({ ...entry(n), note: 'again' });
      }
      const listed = kept.list();
      expect(listed).to.have.length(50);
      expect([listed[0]?.note, listed.at(-1)?.note]).to.deep.equal(['change 60', 'change 11']);
      expect(listed[0]).not.to.have.property('text');
      expect(kept.find(entry(60).revision)?.text).to.equal('n: 60\n');
      expect(kept.find(entry(10).revision)).to.equal(undefined);
      kept.record(entry(11));
      expect(
        kept
          .list()
          .slice(0, 2)
          .map(({ note }) => note),
      ).to.deep.equal(['change 11', 'change 60']);
    });

  it('is there for the next run and for the other gateway, and for its owner alone', () => {
    const own = join(folder, 'revisions');
    history(own).record(entry(1));
    history(own).record(entry(2));
    expect(
      history(own)
        .list()
        .map(({ note }) => note),
    ).to.deep.equal(['change 2', 'change 1']);
    for (const name of readdirSync(own)) expect(statSync(join(own, name)).mode & 0o777).to.equal(0o600);
  });

  it('takes out what a killed writer has left, and reads nothing twice', () => {
    const part = join(folder, '.01234567-89ab-cdef-0123-456789abcdef');
    writeFileSync(part, 'half');
    const kept = history(folder);
    kept.record(entry(1));
    expect(existsSync(part)).to.equal(false);
    const before = kept.list();
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), 'no longer read');
    kept.record(entry(2));
    expect(kept.list().slice(1)).to.deep.equal(before);
  });

  it('leaves out what is none of its files, or broken', () => {
    history(folder).record(entry(1));
    for (const name of ['000000000009999-00000000000a.json', 'notes.txt', '1.json']) writeFileSync(join(folder, name), '{');
    expect(
      history(folder)
        .list()
        .map(({ note }) => note),
    ).to.deep.equal(['change 1']);
    expect(history(folder).find('00000000000a')).to.equal(undefined);
  });
});
