import { expect } from 'chai';
import fc from 'fast-check';
import { HeaderFields } from '../../../core/filter/headers.ts';

describe('header fields as filters see them', () => {
  const over = (...flat: string[]) => ({ flat, headers: new HeaderFields(() => flat) });

  it('are found in any case, all values of a name as one', () => {
    const { headers } = over('X-A', '1', 'x-b', '2', 'x-a', '3');
    expect([headers.get('x-A'), headers.has('X-B'), headers.get('x-c'), headers.has('x-c')]).to.deep.equal([
      '1, 3',
      true,
      undefined,
      false,
    ]);
    expect([...headers.entries()]).to.deep.equal([
      ['X-A', '1'],
      ['x-b', '2'],
      ['x-a', '3'],
    ]);
  });

  it('are set in place of all that were there, added, and taken away', () => {
    const { flat, headers } = over('X-A', '1', 'x-b', '2', 'x-a', '3');
    headers.set('x-a', '4');
    headers.append('X-B', '5');
    expect(flat).to.deep.equal(['x-b', '2', 'x-a', '4', 'X-B', '5']);
    headers.delete('X-b');
    expect(flat).to.deep.equal(['x-a', '4']);
  });

  it('may be changed while they are gone through', () => {
    const { flat, headers } = over('a', '1', 'b', '2');
    for (const [name] of headers.entries()) headers.delete(name);
    expect(flat).to.deep.equal([]);
  });

  it('take no field of the framing, in any case', () => {
    const { headers } = over();
    for (const name of [
      'Content-Length',
      'host',
      'TRANSFER-ENCODING',
      'connection',
      'Keep-Alive',
      'upgrade',
      'te',
      'trailer',
      'Expect',
      'proxy-connection',
    ])
      for (const change of [() => headers.set(name, '1'), () => headers.append(name, '1'), () => headers.delete(name)])
        expect(change, name).to.throw(TypeError, 'the gateway itself');
  });

  it('take nothing that would end a field or that is none', () => {
    const { flat, headers } = over();
    for (const [name, value] of [
      ['x-a', 'b\r\nc: d'],
      ['x-a', 'b\0'],
      ['x-a', '→'],
      ['x a', 'b'],
      ['', 'b'],
      ['x-a\r\n', 'b'],
      ['x-a', undefined],
      ['x-a', null],
      ['x-a', ['b']],
      [undefined, 'b'],
    ] as [string, string][])
      expect(() => headers.set(name, value)).to.throw(TypeError);
    expect(flat).to.deep.equal([]);
    headers.set('x-count', 5 as unknown as string);
    expect(flat).to.deep.equal(['x-count', '5']);
  });

  it('hold what a list of the same fields would, whatever is done', () => {
    const name = fc.constantFrom('a', 'A', 'b', 'B', 'c');
    const step = fc.oneof(
      fc.record({ what: fc.constant('set' as const), name, value: fc.constantFrom('1', '2') }),
      fc.record({ what: fc.constant('append' as const), name, value: fc.constantFrom('1', '2') }),
      fc.record({ what: fc.constant('delete' as const), name, value: fc.constant('') }),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const { headers } = over();
        let model: [string, string][] = [];
        for (const { what, name: field, value } of steps) {
          if (what !== 'append') model = model.filter(([other]) => other !== field.toLowerCase());
          if (what !== 'delete') model.push([field.toLowerCase(), value]);
          headers[what](field, value);
        }
        expect([...headers.entries()].map(([field, value]) => [field.toLowerCase(), value])).to.deep.equal(model);
      }),
    );
  });
});
