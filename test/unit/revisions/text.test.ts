import { expect } from 'chai';
import { aside } from '../../../core/revisions/aside.ts';
import { EditError, edit } from '../../../core/revisions/edit.ts';
import { editText, readText } from '../../../core/revisions/text.ts';
import { written } from '../../../core/revisions/written.ts';

const LINES = Array.from({ length: 500 }, (_, n) => `  "s${n}": { endpoints: ["http://a:${n + 1}"] } # of ${n}\n`).join('');
const LARGE = `services:\n  __proto__: { drain: true }\n${LINES}`;

describe('a large text', () => {
  it('is read and edited as a small one, while the traffic goes on', async () => {
    let turns = 0;
    const turn = () => {
      turns += 1;
      next = setImmediate(turn);
    };
    let next = setImmediate(turn);
    const read = await readText(LARGE);
    const reading = turns;
    const edited = await editText(LARGE, ['services', 's250', 'endpoints', 0], 'http://b:1');
    clearImmediate(next);
    expect([JSON.stringify(read), edited]).to.deep.equal([
      JSON.stringify(written(LARGE)),
      edit(LARGE, ['services', 's250', 'endpoints', 0], 'http://b:1'),
    ]);
    expect(reading).to.be.greaterThan(1);
    expect(turns - reading).to.be.greaterThan(1);
    expect(await editText(LARGE, ['services', 's499'], undefined)).to.equal(edit(LARGE, ['services', 's499'], undefined));
  });

  it('fails as a small one does', async () => {
    const broken = `${LARGE}a: [`;
    expect((await readText(broken).catch((error) => error)).message).to.equal(messageOf(() => written(broken)));
    const list = '- a\n'.repeat(1000);
    expect(await editText(list, ['services'], 1).catch((error) => error)).to.be.instanceOf(EditError);
    expect((await readText(`${LARGE}a: &a { b: *a }\n`).catch((error) => error)).message).to.equal('a value is a part of itself');
  });
});

describe('a thread aside', () => {
  it('outlives what it is asked, and begins again after its end', async () => {
    const module = 'data:text/javascript,export const half = (n) => n / 2; export const end = () => process.exit(1);';
    const job = (name: string, ...given: readonly unknown[]) => aside({ module, name, given }).catch((error: Error) => error.constructor);
    expect(await Promise.all([job('half', 4), job('end'), job('half', 6)])).to.deep.equal([2, Error, Error]);
    expect(await job('half', 8)).to.equal(4);
  });
});

function messageOf(run: () => unknown): string {
  try {
    run();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}
