import { expect } from 'chai';
import fc from 'fast-check';
import { parseForwarded } from '../../../core/middleware/forwarded.ts';

const elements = (field: string) => parseForwarded(field).map((element) => ({ ...element }));

describe('parseForwarded (RFC 7239)', () => {
  for (const [field, expected] of [
    ['for=192.0.2.60;proto=http;by=203.0.113.43', [{ for: '192.0.2.60', proto: 'http', by: '203.0.113.43' }]],
    ['for="_mdn"', [{ for: '_mdn' }]],
    ['For="[2001:db8:cafe::17]:4711"', [{ for: '[2001:db8:cafe::17]:4711' }]],
    ['for=192.0.2.43, for=198.51.100.17', [{ for: '192.0.2.43' }, { for: '198.51.100.17' }]],
    ['for=a;host=b , for=c', [{ for: 'a', host: 'b' }, { for: 'c' }]],
    [' for=a ; proto=https ', [{ for: 'a', proto: 'https' }]],
    ['for="a\\"b\\\\c"', [{ for: 'a"b\\c' }]],
    ['for="a;b,c=d"', [{ for: 'a;b,c=d' }]],
    ['for=', [{ for: '' }]],
    ['secret=1;for=a', [{ secret: '1', for: 'a' }]],
    ['for=a;x-hop.2=b', [{ for: 'a', 'x-hop.2': 'b' }]],
  ] as const)
    it(`reads ${field}`, () => expect(elements(field)).to.deep.equal(expected));

  for (const field of [
    '',
    'nonsense',
    'for',
    'for=a b',
    'for="a',
    'for="a"b',
    'for=a;;proto=http',
    'for=a,,for=b',
    '=a',
    'for=a, nonsense',
    'f√r=a',
  ])
    it(`takes ${field || 'nothing'} for nothing: half a truth is none`, () => expect(elements(field)).to.deep.equal([]));

  it('is never fooled by the names of an object', () => {
    const [element] = parseForwarded('__proto__=a;constructor=b');
    expect(element?.for).to.equal(undefined);
    expect(({} as Record<string, unknown>)['a']).to.equal(undefined);
  });

  it('reads back whatever was written in quotes', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', ',', ';', '=', ' ', ':', '[') });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (nodes) => {
        const field = nodes.map((node) => `for="${node.replace(/["\\]/g, '\\$&')}"`).join(', ');
        expect(parseForwarded(field).map((element) => element.for)).to.deep.equal(nodes);
      }),
    );
  });

  it('takes no longer for a longer field than its length', () => {
    const since = performance.now();
    for (const field of [`for=${' '.repeat(60_000)}x y`, `for="${'\\'.repeat(60_000)}`, 'for=a;'.repeat(10_000)]) parseForwarded(field);
    expect(performance.now() - since).to.be.below(1_000);
  });
});
