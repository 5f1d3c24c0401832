import { expect } from 'chai';
import fc from 'fast-check';
import { partsOf } from '../../../core/contract/multipart.ts';

describe('forms in parts', () => {
  const type = 'multipart/form-data; boundary=b';
  const parts = (text: string, as = type) =>
    partsOf(Buffer.from(text), as)?.map(({ name, file, body, type: own }) => [name, file, own, body.toString()]);
  const part = (head: string, body = 'x') => `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;

  it('are read as browsers and others write them', () => {
    const text = `preamble\r\n${part('name="a"', 'line\r\n--no\r\n')}${part('name="f"; filename="x.png"\r\nContent-Type: image/png')}${part('name=plain', '')}--b--\r\nepilogue`;
    expect(parts(text)).to.deep.equal([
      ['a', false, undefined, 'line\r\n--no\r\n'],
      ['f', true, 'image/png', 'x'],
      ['plain', false, undefined, ''],
    ]);
    expect(parts(`${part('name="a"').replaceAll('--b', '--b c')}--b c--`, 'multipart/form-data; boundary="b c"')).to.have.length(1);
    expect(parts('--b--')).to.deep.equal([]);
  });

  it('are none without an end, a name or a boundary', () => {
    expect(parts(part('name="a"'))).to.equal(undefined);
    expect(parts(`${part('filename="a"')}--b--`)).to.equal(undefined);
    expect(parts('', type)).to.equal(undefined);
    expect(parts(`${part('name="a"')}--b--`, 'multipart/form-data')).to.equal(undefined);
    expect(parts('--b\r\nContent-Disposition: attachment; name="a"\r\n\r\nx\r\n--b--')).to.equal(undefined);
  });

  it('are none where readers differ on where a part ends, or on its name', () => {
    expect(parts(`${part('name="a"', 'x\n--b\nContent-Disposition: form-data; name="b"\n\ny')}--b--`)).to.equal(undefined);
    expect(parts(`${part('name="a"; name="b"')}--b--`)).to.equal(undefined);
    const good = `${part('name="a"')}--b--`;
    for (const parameters of ['x="; boundary=evil"; boundary=b', 'boundary=b; charset=utf-8'])
      expect(parts(good, `multipart/form-data; ${parameters}`), parameters).to.have.length(1);
    for (const parameters of ['boundary=b; boundary=c', 'boundary=b; Boundary=b', 'boundary=b; boundary*=c', 'boundary=b, text/plain'])
      expect(parts(good, `multipart/form-data; ${parameters}`), parameters).to.equal(undefined);
    for (const head of [
      'name="a"; name*=UTF-8\'\'b',
      'name*0="a"; name="b"',
      'name="a\\"b"',
      'name="a"; filename="x"; filename="y"',
      'name="a"\r\nContent-Disposition: form-data; name="b"',
      'name="a"\r\nContent-Disposition : form-data; name="b"',
      'name="a";\r\n filename="x"',
      'name="a"\r\nContent-Type: text/plain\r\ncontent-type: application/json',
      'name="a"\r\nContent-Transfer-Encoding: base64',
    ])
      expect(parts(`${part(head)}--b--`), head).to.equal(undefined);
    expect(parts(`${part('name="a"; filename="x"; filename*=UTF-8\'\'y')}--b--`)).to.have.length(1);
  });

  it('are what FormData makes of the same values', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,5}$/), fc.string({ maxLength: 20 }))), async (fields) => {
        const form = new FormData();
        for (const [name, value] of fields) form.append(name, value);
        const sent = new Response(form);
        const read = partsOf(Buffer.from(await sent.arrayBuffer()), sent.headers.get('content-type') ?? '');
        expect(read?.map(({ name, body }) => [name, body.toString()])).to.deep.equal(
          fields.map(([name, value]) => [name, value.toWellFormed().replace(/\r\n?|\n/g, '\r\n')]),
        );
      }),
      { numRuns: 50 },
    );
  });
});
