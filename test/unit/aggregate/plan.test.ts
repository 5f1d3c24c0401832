import { expect } from 'chai';
import { compileParts, haveAll, type Part } from '../../../core/aggregate/plan.ts';
import { Problem } from '../../../core/problem.ts';

const part = (path: string, more: object = {}) => ({ service: 's', path, required: false, limit: 100, ...more });
const planOf = (parts: Record<string, ReturnType<typeof part>>) => compileParts({ merge: false, parts });

describe('the parts of an answer', () => {
  it('are asked for all at once, but for those made from another', async () => {
    const asked: string[] = [];
    const answers = new Map<string, (value: string) => void>();
    const have = ({ name }: Part) => {
      asked.push(name);
      return new Promise<string>((resolve) => answers.set(name, resolve));
    };
    const all = haveAll(planOf({ c: part('/{parts.a.x}/{parts.b.x}'), a: part('/a'), b: part('/b'), d: part('/{parts.c.x}') }), have);
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    await turn();
    expect(asked).to.deep.equal(['a', 'b']);
    answers.get('a')?.('A');
    await turn();
    expect(asked).to.deep.equal(['a', 'b']);
    answers.get('b')?.('B');
    await turn();
    expect(asked).to.deep.equal(['a', 'b', 'c']);
    answers.get('c')?.('C');
    await turn();
    answers.get('d')?.('D');
    expect([...(await all)].map(([name, { value }]) => `${name}${value}`)).to.deep.equal(['cC', 'aA', 'bB', 'dD']);
  });

  it('are asked for once each, with the others they are made from', async () => {
    const seen: string[] = [];
    await haveAll(planOf({ a: part('/a'), b: part('/{parts.a.x}'), c: part('/{parts.a.x}/{parts.b.x}') }), async ({ name }, others) => {
      seen.push(`${name}(${[...others.values()].join('')})`);
      return name;
    });
    expect(seen).to.deep.equal(['a()', 'b(a)', 'c(ab)']);
  });

  const failing = (names: readonly string[], calls: string[] = []) => {
    const have = async ({ name }: Part) => {
      calls.push(name);
      if (names.includes(name)) throw new Problem('connection-refused');
      return name;
    };
    return { have, calls };
  };

  it('fail alone, and with them what is made from them', async () => {
    const { have, calls } = failing(['a']);
    const results = await haveAll(planOf({ a: part('/a'), b: part('/{parts.a.x}'), c: part('/c') }), have);
    expect([...results].map(([name, { value, problem }]) => [name, value ?? problem?.code])).to.deep.equal([
      ['a', 'connection-refused'],
      ['b', 'part-unavailable'],
      ['c', 'c'],
    ]);
    expect(calls).to.deep.equal(['a', 'c']);
  });

  it('fail the whole when they are required, also by what they are made from', async () => {
    const codeOf = (all: Promise<unknown>) => all.catch((error: Problem) => error.code);
    expect(await codeOf(haveAll(planOf({ a: part('/a', { required: true }), c: part('/c') }), failing(['a']).have))).to.equal(
      'connection-refused',
    );
    const chained = planOf({ a: part('/a'), b: part('/{parts.a.x}', { required: true }) });
    expect(await codeOf(haveAll(chained, failing(['a']).have))).to.equal('part-unavailable');
  });
});
