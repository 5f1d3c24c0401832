import { expect } from 'chai';
import { aggregate } from '../../../../core/config/checks/aggregate.ts';
import type { Config } from '../../../../core/config/schema/index.ts';

describe('the check of routes made of parts', () => {
  let looks = 0;
  const found = (parts: Record<string, string>): string[] => {
    looks = 0;
    const config = Object.fromEntries(
      Object.entries(parts).map(([name, path]) => {
        const looked = () => {
          looks += 1;
          return path;
        };
        return [name, Object.defineProperty({ service: 'users', required: false, limit: 1024 }, 'path', { get: looked })];
      }),
    );
    const route = { name: 'all', match: { path: '/all' }, expose: { public: {} }, aggregate: { parts: config, merge: false } };
    const given = { routes: [route], services: { users: { timeouts: {} } } } as unknown as Config;
    return aggregate(given, undefined as never).map(({ message }) => message);
  };
  /** Each layer is made from the whole layer before: there are 2 to the power of their number ways through them. */
  const lattice = (layers: number) =>
    Object.fromEntries(
      Array.from({ length: layers }, (_, at) => at).flatMap((at) => {
        const path = at === 0 ? '/first' : `/next/{parts.a${at - 1}.x}/{parts.b${at - 1}.x}`;
        return [
          [`a${at}`, path],
          [`b${at}`, path],
        ];
      }),
    );

  it('looks at each part a few times, however many ways lead to it', () => {
    expect(found(lattice(16))).to.deep.equal([]);
    expect(looks).to.be.below(5 * 32);
  });

  it('finds the circle among them', () => {
    const parts = { ...lattice(16), a0: '/first/{parts.z.x}', z: '/z/{parts.a2.x}' };
    expect(found(parts)).to.have.length(1);
    expect(found(parts)[0]).to.match(/^waits for itself: /);
    expect(found({ a: '/{parts.b.x}', b: '/{parts.c.x}', c: '/{parts.b.x}' })).to.deep.equal(['waits for itself: b -> c -> b']);
  });
});
