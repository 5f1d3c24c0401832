import { expect } from 'chai';
import fc from 'fast-check';
import { isSame, type LastKnown, originOf, read, written } from '../../../core/registry/last-known.ts';

const DAY = 24 * 60 * 60_000;
const now = 1_800_000_000_000;
const registry = { dns: {}, kubernetes: { api: 'https://kubernetes.default.svc', account: '/account' }, lastKnown: '.postern' };
const from = originOf('eureka', 'STOCK', { ...registry, eureka: ['http://127.0.0.1:8761/eureka'] });
const known = (more: Partial<LastKnown> = {}): LastKnown => ({
  from,
  at: now,
  endpoints: [{ origin: 'http://10.0.0.1:8080', weight: 1 }],
  ...more,
});

describe('the endpoints that were last known', () => {
  it('are read as they were written', () => {
    const text = fc.string({ minLength: 1, maxLength: 256 });
    const endpoint = fc
      .record(
        {
          origin: fc.integer({ min: 1, max: 65_535 }).map((port) => new URL(`http://10.0.0.1:${port}`).origin),
          weight: fc.double({ min: 0.01, max: 1_000, noNaN: true }),
          priority: fc.nat(100),
          zone: text,
          serverName: text,
          healthPath: fc.constantFrom('/', '/up?a=b'),
        },
        { requiredKeys: ['origin', 'weight'] },
      )
      .map((fields) => ({ ...fields }));
    const services = fc.dictionary(
      fc.string(),
      fc.array(endpoint).map((endpoints) => known({ endpoints })),
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(services, (all) => {
        const map = new Map(Object.entries(all));
        expect(JSON.parse(written(read(written(map), now).known))).to.deep.equal(JSON.parse(written(map)));
        expect(read(written(map), now).known.size).to.equal(map.size);
      }),
    );
  });

  it('are left out when they are older than a day, or of a time to come', () => {
    const at = (when: number) => [...read(written(new Map([['stock', known({ at: when })]])), now).known.keys()];
    expect([now, now - DAY, now + 1_000].map(at)).to.deep.equal([['stock'], ['stock'], ['stock']]);
    expect([now - DAY - 1, now + DAY + 1, 0, Number.MAX_VALUE].map(at)).to.deep.equal([[], [], [], []]);
  });

  it('are left out where anything is not as it was written, and no other service with them', () => {
    const services = (value: unknown) => JSON.stringify({ version: 1, services: { odd: value, stock: known() } });
    const endpoint = (more: object) => services(known({ endpoints: [{ ...known().endpoints[0], ...more } as never] }));
    expect([...read(endpoint({}), now).known.keys()]).to.deep.equal(['odd', 'stock']);
    for (const text of [
      ...[
        { origin: 'http://10.0.0.1:8080/' },
        { origin: 'file:///etc/passwd' },
        { origin: 'null' },
        { origin: 7 },
        { weight: 0 },
        { weight: '1' },
        { weight: null },
        { priority: 1.5 },
        { zone: '' },
        { zone: 1 },
        { serverName: 'x'.repeat(257) },
        { healthPath: 'up' },
        { healthPath: '/a b' },
        { healthPath: '/\r\nhost: x' },
      ].map(endpoint),
      ...[null, 1, { at: 1 }, { endpoints: [] }].map(services),
    ]) {
      const { known, problems } = read(text, now);
      expect([...known.keys()], text).to.deep.equal(['stock']);
      expect(problems.map(({ message }) => message).join(), text).to.match(/^odd: /);
    }
  });

  it('are refused whole where they are of another kind', () => {
    for (const text of ['', '{', '[]', 'null', '1', '{"version":2}']) expect(() => read(text, now), text).to.throw();
    fc.assert(
      fc.property(fc.json(), (text) => {
        try {
          expect(read(text, now).known.size).to.equal(0);
        } catch (error) {
          expect(error).to.be.instanceOf(Error);
        }
      }),
    );
  });

  it('are of one registry and one name, and of no other', () => {
    const others = [
      originOf('eureka', 'ORDERS', { ...registry, eureka: ['http://127.0.0.1:8761/eureka'] }),
      originOf('eureka', 'STOCK', { ...registry, eureka: ['http://127.0.0.1:8762/eureka'] }),
      originOf('eureka', 'STOCK', registry),
      originOf('dns', 'STOCK', registry),
      originOf('srv', 'STOCK', registry),
      originOf('kubernetes', 'STOCK', registry),
      originOf('kubernetes', 'STOCK', { ...registry, kubernetes: { ...registry.kubernetes, namespace: 'shop' } }),
    ];
    for (const one of [from, ...others]) for (const other of [from, ...others]) expect(isSame(one, other)).to.equal(one === other);
  });
});
