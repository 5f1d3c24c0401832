import { expect } from 'chai';
import fc from 'fast-check';
import { reconcile } from '../../../core/endpoint/reconcile.ts';
import type { Discovered } from '../../../core/registry/source.ts';

const join = ({ origin, weight, zone, priority = 0, healthPath, drain = false }: Discovered) => ({
  url: new URL(origin),
  fullWeight: weight,
  priority,
  zone: zone as string | undefined,
  healthPath: healthPath as string | undefined,
  draining: drain as boolean,
});
type Member = ReturnType<typeof join>;

const discovered = fc.record({
  origin: fc.integer({ min: 1, max: 12 }).map((port) => `http://127.0.0.1:${port + 4000}`),
  weight: fc.integer({ min: 1, max: 5 }),
  zone: fc.constantFrom(undefined, 'a', 'b'),
});
const answer = fc.uniqueArray(discovered, { selector: ({ origin }) => origin, maxLength: 12 });

describe('the endpoints after an answer', () => {
  it('are those of the answer; who stays is the same object; nobody joins or leaves twice', () => {
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 30, size: 'max' }), (answers) => {
        let members: readonly Member[] = [];
        const model = new Map<string, Member>();
        for (const found of answers) {
          const change = reconcile(members, found, join, 1_000);
          const wanted = new Map(found.map((one) => [one.origin, one]));
          expect(new Set(change.left)).to.deep.equal(new Set([...model].flatMap(([origin, one]) => (wanted.has(origin) ? [] : [one]))));
          expect(new Set(change.joined.map(({ url }) => url.origin))).to.deep.equal(
            new Set([...wanted.keys()].filter((origin) => !model.has(origin))),
          );
          for (const origin of model.keys()) if (!wanted.has(origin)) model.delete(origin);
          for (const one of change.joined) model.set(one.url.origin, one);
          expect(change.members).to.have.length(model.size);
          for (const member of change.members) {
            expect(member).to.equal(model.get(member.url.origin));
            const { weight, zone } = wanted.get(member.url.origin) ?? {};
            expect([member.fullWeight, member.zone]).to.deep.equal([weight, zone]);
          }
          members = change.members;
        }
      }),
    );
  });

  it('are the same array when only weights and zones are new', () => {
    const [origin, before] = ['http://127.0.0.1:4001', [{ origin: 'http://127.0.0.1:4001', weight: 1 }]];
    const { members } = reconcile([], before, join, 10);
    const after = reconcile(members, [{ origin, weight: 3, zone: 'b' }], join, 10);
    expect(after.members).to.equal(members);
    expect([members[0]?.fullWeight, members[0]?.zone]).to.deep.equal([3, 'b']);
  });

  it('drain and come back as the answer says', () => {
    const one = { origin: 'http://127.0.0.1:4001', weight: 1 };
    const { members } = reconcile([], [{ ...one, drain: true }], join, 10);
    expect(members.map(({ draining }) => draining)).to.deep.equal([true]);
    expect(reconcile(members, [one], join, 10).members).to.equal(members);
    expect(members.map(({ draining }) => draining)).to.deep.equal([false]);
  });

  it('name those who stay and say of another health path', () => {
    const [first, second] = [4001, 4002].map((port) => ({ origin: `http://127.0.0.1:${port}`, weight: 1 }));
    if (!first || !second) throw new Error('no endpoints');
    const { members, moved } = reconcile([], [{ ...first, healthPath: '/up' }, second], join, 10);
    expect(moved).to.deep.equal([]);
    const after = reconcile(members, [first, { ...second, healthPath: '/up' }], join, 10);
    expect(after.members).to.equal(members);
    expect(after.moved).to.deep.equal(members);
    expect(members.map(({ healthPath }) => healthPath)).to.deep.equal([undefined, '/up']);
    expect(reconcile(members, [first, { ...second, healthPath: '/up' }], join, 10).moved).to.deep.equal([]);
  });

  it('are never more than there may be; those who are there come first', () => {
    const some = (from: number, count: number) =>
      Array.from({ length: count }, (_, at) => ({ origin: `http://127.0.0.1:${from + at}`, weight: 1 }));
    const { members } = reconcile([], some(5000, 3), join, 4);
    const change = reconcile(members, [...some(4000, 3), ...some(5000, 3)], join, 4);
    expect(change.members).to.have.length(4);
    expect(change.members.slice(0, 3)).to.deep.equal(members);
    expect(change.left).to.deep.equal([]);
  });
});
