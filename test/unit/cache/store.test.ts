import { expect } from 'chai';
import fc from 'fast-check';
import { responseDirectives } from '../../../core/cache/directives.ts';
import { Store, type Stored } from '../../../core/cache/store.ts';

const anEntry = (more: Partial<Stored> = {}): Omit<Stored, 'body'> => ({
  key: 'k',
  names: [],
  route: 'shop',
  resource: 'shop.example/a',
  query: '',
  queryOf: (query) => query,
  status: 200,
  statusText: '',
  fields: [],
  directives: responseDirectives(''),
  lifetime: { seconds: 5, explicit: true },
  age: 0,
  receivedAt: 0,
  ...more,
});

function put(store: Store, more: Partial<Stored> = {}, body = Buffer.from('body')): boolean {
  const entry = anEntry(more);
  const filling = store.fill(entry.resource, entry.route);
  if (body.length > 0 && !filling.take(body)) return false;
  return filling.keep(entry);
}

const find = (store: Store, key = 'k', resource = 'shop.example/a') => store.find(resource, () => key);

describe('the store of answers', () => {
  it('gives back what was kept, in memory of its own', () => {
    const store = new Store({ memory: 1024 * 1024 });
    const chunk = Buffer.from('first');
    const filling = store.fill('shop.example/a', 'shop');
    filling.take(chunk);
    filling.take(Buffer.from(' and last'));
    expect(find(store)).to.equal(undefined);
    expect(filling.keep(anEntry())).to.equal(true);
    chunk.fill('x');
    expect(String(find(store)?.body)).to.equal('first and last');
    expect(find(store)?.body.buffer.byteLength).to.equal('first and last'.length);
    expect([store.entries, store.evictions]).to.deep.equal([1, 0]);
  });

  it('asks for a key by each list of names that the resource has, and gives the latest answer that fits', () => {
    const store = new Store({ memory: 1024 * 1024 });
    put(store, { key: 'plain', names: [], receivedAt: 1 });
    put(store, { key: 'by-a', names: ['a'], receivedAt: 2 });
    const keys: Record<string, string> = { '': 'plain', a: 'by-a' };
    expect(store.find('shop.example/a', (names) => keys[names.join()] ?? '')?.key).to.equal('by-a');
    expect(store.find('shop.example/a', (names) => (names.length === 0 ? 'plain' : 'other'))?.key).to.equal('plain');
    expect(store.namesFor('shop.example/a')).to.deep.equal(['a']);
    expect(store.namesFor('shop.example/b')).to.equal(undefined);
  });

  it('knows so many lists of names for a resource and no more', () => {
    const store = new Store({ memory: 1024 * 1024 });
    for (let list = 0; list < 50; list += 1) put(store, { key: `k${list}`, names: [`n${list}`] });
    expect(store.entries).to.equal(16);
    expect(store.namesFor('shop.example/a')).to.have.length(16);
    expect(find(store, 'k49')?.key).to.equal('k49');
  });

  it('makes void what is stored for a resource, and what is on its way in', () => {
    const store = new Store({ memory: 1024 * 1024 });
    put(store);
    put(store, { key: 'other', resource: 'shop.example/b' });
    const filling = store.fill('shop.example/a', 'shop');
    filling.take(Buffer.from('old'));
    store.invalidate('shop.example/a');
    expect(filling.keep(anEntry())).to.equal(false);
    expect([find(store), find(store, 'other', 'shop.example/b')?.key, store.entries]).to.deep.equal([undefined, 'other', 1]);
    expect(put(store)).to.equal(true);
  });

  it('is purged by whatever is asked, on the way in too', () => {
    const store = new Store({ memory: 1024 * 1024 });
    put(store, { query: 'a=1' });
    put(store, { key: 'second', query: 'a=2' });
    const filling = store.fill('shop.example/a', 'shop');
    expect(store.purge(({ query }) => query === undefined || query === 'a=1')).to.equal(1);
    expect([find(store), find(store, 'second')?.key, filling.keep(anEntry())]).to.deep.equal([undefined, 'second', false]);
  });

  it('keeps the use of what is asked for in mind when it must let something go', () => {
    const store = new Store({ memory: 40_000 });
    const body = Buffer.alloc(5_000);
    for (const key of ['a', 'b', 'c', 'd']) put(store, { key, resource: key }, body);
    expect(find(store, 'a', 'a')).to.not.equal(undefined);
    const first = find(store, 'b', 'b');
    expect(first && store.holds(first)).to.equal(true);
    for (const key of ['c', 'd', 'a']) find(store, key, key);
    put(store, { key: 'e', resource: 'e' }, body);
    expect(first && store.holds(first)).to.equal(false);
    expect(['a', 'b', 'c', 'd', 'e'].filter((key) => find(store, key, key))).to.deep.equal(['a', 'c', 'd', 'e']);
    expect(store.evictions).to.equal(1);
    expect(store.namesFor('b')).to.equal(undefined);
  });

  it('takes no more than its memory, whatever comes and in whichever order', () => {
    const memory = 50_000;
    const step = fc.record({
      key: fc.nat({ max: 30 }),
      resource: fc.nat({ max: 10 }),
      names: fc.nat({ max: 20 }),
      bytes: fc.nat({ max: 20_000 }),
      what: fc.constantFrom('keep', 'keep', 'keep', 'keep', 'leave', 'abandon', 'invalidate', 'purge'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const store = new Store({ memory });
        const open: { filling: ReturnType<Store['fill']>; entry: Omit<Stored, 'body'> }[] = [];
        const model = new Map<string, { resource: string }>();
        for (const { key, resource, names, bytes, what } of steps) {
          const entry = anEntry({ key: `${resource}/${key}`, resource: String(resource), names: [`n${names}`] });
          if (what === 'invalidate') {
            store.invalidate(entry.resource);
            for (const [known, of] of model) if (of.resource === entry.resource) model.delete(known);
          } else if (what === 'purge') {
            store.purge(() => true);
            model.clear();
          } else {
            const filling = store.fill(entry.resource, entry.route);
            filling.take(Buffer.alloc(bytes));
            if (what === 'keep' && filling.keep(entry)) model.set(entry.key, entry);
            else if (what === 'leave') open.push({ filling, entry });
            else filling.abandon();
          }
          expect(store.bytes).to.be.at.most(memory);
          expect(store.entries).to.be.at.most(model.size);
        }
        for (const { filling } of open) filling.abandon();
        store.purge(() => true);
        expect([store.entries, store.bytes, store.empty]).to.deep.equal([0, 0, true]);
      }),
    );
  });

  it('keeps the newer of two, whichever was whole first', () => {
    const store = new Store({ memory: 1024 * 1024 });
    expect(put(store, { receivedAt: 2 }, Buffer.from('new'))).to.equal(true);
    expect(put(store, { receivedAt: 1 }, Buffer.from('old'))).to.equal(false);
    expect(String(find(store)?.body)).to.equal('new');
    expect(put(store, { receivedAt: 2 }, Buffer.from('newer'))).to.equal(true);
  });

  it('gives up what has been coming in for longest for what comes', () => {
    const store = new Store({ memory: 4 * 100_000 });
    const fill = (resource: string, bytes: number) => {
      const filling = store.fill(resource, 'shop');
      return { filling, taken: filling.take(Buffer.alloc(bytes)) };
    };
    const slow = [fill('a', 40_000), fill('b', 40_000)];
    const next = fill('c', 40_000);
    expect([next.taken, ...slow.map(({ filling }) => filling.isOver)]).to.deep.equal([true, true, false]);
    expect(slow[0]?.filling.take(Buffer.alloc(1))).to.equal(false);
    // One that can never fit takes no other along.
    expect([fill('d', 100_001).taken, next.filling.isOver, store.bytes]).to.deep.equal([false, false, 80_000]);
    expect(next.filling.keep(anEntry({ resource: 'c' }))).to.equal(true);
  });

  it('counts what many small pieces take, and gives them back in order', () => {
    const store = new Store({ memory: 4 * 1024 * 1024 });
    const filling = store.fill('shop.example/a', 'shop');
    const pieces = Array.from({ length: 20_000 }, (_, at) => String(at % 10).repeat((at % 7) + 1));
    // Each a slice of much more.
    for (const piece of pieces) filling.take(Buffer.concat([Buffer.from(piece), Buffer.alloc(2_000)]).subarray(0, piece.length));
    expect(store.bytes).to.be.within(80_000, 80_000 + 4096);
    expect(filling.keep(anEntry())).to.equal(true);
    expect(String(find(store)?.body)).to.equal(pieces.join(''));
  });

  it('counts every name that is withheld, and every field', () => {
    const sizeWith = (more: Partial<Stored>) => {
      const store = new Store({ memory: 4 * 1024 * 1024 });
      put(store, more);
      return store.bytes;
    };
    const names = Array.from({ length: 1_000 }, (_, at) => `n${at}`);
    const plain = sizeWith({});
    expect(sizeWith({ directives: responseDirectives(`private="${names.join(',')}"`) }) - plain).to.be.greaterThan(24_000);
    expect(sizeWith({ fields: names }) - plain).to.be.greaterThan(24_000);
  });
});
