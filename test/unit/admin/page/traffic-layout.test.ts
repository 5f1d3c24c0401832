import { expect } from 'chai';
import fc from 'fast-check';

interface Node {
  name: string;
  rate: number;
  y: number;
  height: number;
}
interface Ribbon {
  from: string;
  to: string;
  rate: number;
  y1: number;
  y2: number;
  width: number;
}
interface Layout {
  left: Node[];
  right: Node[];
  ribbons: Ribbon[];
  height: number;
}
interface Edge {
  from: string;
  service: string;
  rate: number;
  errors: number;
}

const page = await import(String(new URL('../../../../core/admin/page/traffic-layout.js', import.meta.url)));
const layOut = page.layOut as (edges: Edge[]) => Layout;

const edges = fc.array(
  fc.record({
    from: fc.constantFrom(...names('caller', 40)),
    service: fc.constantFrom(...names('service', 40)),
    rate: fc.double({ min: 0, max: 1000, noNaN: true }),
    errors: fc.constant(0),
  }),
  { minLength: 1, maxLength: 200 },
);

describe('the drawing of the traffic', () => {
  it('is of a few nodes however many there are, none over another, and within its height', () => {
    fc.assert(
      fc.property(edges, (given) => {
        const { left, right, ribbons, height } = layOut(given);
        for (const side of [left, right]) {
          expect(side.length).to.be.within(1, 13);
          for (const [at, { y, height: own }] of side.entries()) {
            const before = side[at - 1];
            if (before) expect(y).to.be.at.least(before.y + before.height);
            expect(own).to.be.above(0);
            expect(y + own).to.be.at.most(height + 1e-6);
          }
        }
        for (const { y1, y2, width } of ribbons) expect([y1, y2, width].every(Number.isFinite)).to.equal(true);
        const all = given.reduce((sum, { rate }) => sum + rate, 0);
        for (const side of [left, right, ribbons]) expect(side.reduce((sum, { rate }) => sum + rate, 0)).to.be.closeTo(all, 1e-3);
      }),
    );
  });

  it('keeps the largest apart and puts the others last, together', () => {
    const { left } = layOut(names('caller', 20).map((from, at) => ({ from, service: 'orders', rate: 20 - at, errors: 0 })));
    expect(left.map(({ name }) => name)).to.deep.equal([...names('caller', 12), 'others']);
    expect(left.at(-1)?.rate).to.equal(8 + 7 + 6 + 5 + 4 + 3 + 2 + 1);
  });

  it('makes lines of the same two one, as wide as what passes', () => {
    const { ribbons } = layOut([
      { from: 'a', service: 'x', rate: 30, errors: 0 },
      { from: 'a', service: 'x', rate: 10, errors: 4 },
      { from: 'a', service: 'y', rate: 10, errors: 0 },
    ]);
    expect(ribbons.map(({ to, rate }) => [to, rate])).to.deep.equal([
      ['x', 40],
      ['y', 10],
    ]);
    expect((ribbons[0]?.width ?? 0) / (ribbons[1]?.width ?? 1)).to.be.closeTo(4, 1e-6);
  });
});

function names(of: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${of}-${at}`);
}
