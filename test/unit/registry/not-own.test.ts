import { networkInterfaces } from 'node:os';
import { expect } from 'chai';
import { notOwn } from '../../../core/registry/not-own.ts';
import type { Discovered, Source } from '../../../core/registry/source.ts';

describe('a source without what is no service', () => {
  const places = [
    { path: ['public', 'admin'], host: '127.0.0.1', port: 9080 },
    { path: ['private', 'admin'], host: '0.0.0.0', port: 9081 },
  ];
  const at = (origin: string): Discovered => ({ origin, weight: 1 });

  /** A source that says what it is told to. */
  function sifted() {
    const inner = { answer: undefined as readonly Discovered[] | undefined, answered: false, failure: undefined, fixed: false };
    const said: unknown[] = [];
    const source = Object.assign(inner, { start: (_: () => void) => {}, stop: () => {} }) satisfies Source;
    return { inner, said, source: notOwn(source, 'orders', { places, logger: { warn: (line: unknown) => void said.push(line) } }) };
  }

  it('has not answered before the other has', () => {
    const { inner, source } = sifted();
    expect([source.answer, source.answered]).to.deep.equal([undefined, false]);
    Object.assign(inner, { answer: [], answered: true });
    expect([source.answer, source.answered]).to.deep.equal([[], true]);
  });

  it('leaves the others as they are, the same list where nothing is left out', () => {
    const { inner, source, said } = sifted();
    inner.answer = [at('http://10.0.0.7:9080'), at('https://127.0.0.1:9082')];
    expect(source.answer).to.equal(inner.answer);
    expect(said).to.deep.equal([]);
  });

  it('leaves out what is its own, by whatever address of the machine, and says so once while it is there', () => {
    const { inner, source, said } = sifted();
    const [own = '127.0.0.1'] = Object.values(networkInterfaces()).flatMap((some = []) =>
      some.filter(({ family }) => family === 'IPv4').map(({ address }) => address),
    );
    const refused = ['http://127.0.0.1:9080', 'http://127.0.0.9:9081', `http://${own}:9081`].filter(
      (one, index, all) => all.indexOf(one) === index,
    );
    for (let turn = 0; turn < 3; turn += 1) {
      inner.answer = [...refused, `http://10.9.9.9:900${turn}`].map(at);
      expect(source.answer).to.deep.equal([at(`http://10.9.9.9:900${turn}`)]);
      expect(source.answer).to.equal(source.answer);
    }
    expect(said.map((line) => (line as { endpoint: string }).endpoint)).to.deep.equal(refused);
    inner.answer = [];
    expect(source.answer).to.deep.equal([]);
    inner.answer = [at('http://127.0.0.1:9080')];
    expect(source.answer).to.deep.equal([]);
    expect(said.at(-1)).to.deep.equal({
      event: 'endpoint-refused',
      service: 'orders',
      endpoint: 'http://127.0.0.1:9080',
      reason: 'is public.admin',
    });
    expect(said.length).to.equal(refused.length + 1);
  });
});
