import { expect } from 'chai';
import fc from 'fast-check';
import { isNamed, readFields } from '../../../core/http1/fields.ts';

describe('readFields', () => {
  it('tells names and values as they came, in their order, repeated ones too', () => {
    expect(readFields('A: 1\r\nset-cookie: a=b; c\r\nSet-Cookie:d\r\n')).to.deep.equal([
      'A',
      '1',
      'set-cookie',
      'a=b; c',
      'Set-Cookie',
      'd',
    ]);
  });

  it('leaves out the whitespace around a value, and no other', () => {
    expect(readFields('A: \t 1 \t2 \t \r\nB:\r\nC: \t \r\nD:\xa0e\xa0\r\n')).to.deep.equal([
      'A',
      '1 \t2',
      'B',
      '',
      'C',
      '',
      'D',
      '\xa0e\xa0',
    ]);
  });

  it('begins where it is told to', () => {
    expect(readFields('not a field\r\nA: 1\r\n', 13)).to.deep.equal(['A', '1']);
    expect(readFields('not a field\r\n', 13)).to.deep.equal([]);
  });

  const refused = {
    'a folded line': 'A: 1\r\n 2\r\n',
    'a folded line of whitespace': 'A: 1\r\n\t\r\n',
    'a first line that begins with whitespace': ' A: 1\r\n',
    'whitespace before the colon': 'A : 1\r\n',
    'a tab before the colon': 'A\t: 1\r\n',
    'no name': ': 1\r\n',
    'no colon': 'A\r\n',
    'no colon, with one in the next line': 'A\r\nB: 1\r\n',
    'an empty line': 'A: 1\r\n\r\nB: 2\r\n',
    'a LF on its own': 'A: 1\nB: 2\r\n',
    'a CR on its own': 'A: 1\rB: 2\r\n',
    'a CR before the line end': 'A: 1\r\r\n',
    'a LF before the name': '\nA: 1\r\n',
    'a LF at the end': 'A: 1\n',
    'no line end': 'A: 1',
    'a NUL in a value': 'A: 1\x002\r\n',
    'a DEL in a value': 'A: \x7f\r\n',
    'a control character in a value': 'A: \x0b1\r\n',
    'a NUL in a name': 'A\0: 1\r\n',
    'a byte beyond ASCII in a name': 'caf\xe9: 1\r\n',
    'a separator in a name': 'A(b): 1\r\n',
  };
  for (const [what, section] of Object.entries(refused))
    it(`refuses ${what}`, () =>
      expect(() => readFields(section))
        .to.throw('is no field')
        .with.property('code', 'WIRE_MALFORMED'));

  it('says which line it was, as far as that may be long, and in a form that no log takes for two', () => {
    expect(() => readFields(`A: 1\r\nB ${'b'.repeat(99)}\n: 2\r\n`)).to.throw(`no field: "B ${'b'.repeat(48)}"`);
    expect(() => readFields('A: 1\nB: 2\r\n')).to.throw(String.raw`no field: "A: 1\nB: 2"`);
  });

  it('tells whatever fields there may be, and nothing else', () => {
    const name = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,30}$/);
    const value = fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,30}$/);
    const space = fc.stringMatching(/^[\t ]{0,3}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, space, value, space)), (fields) => {
        const section = fields.map(([one, before, text, behind]) => `${one}:${before}${text}${behind}\r\n`).join('');
        const told = fields.flatMap(([one, , text]) => [one, text.replace(/^[\t ]+|[\t ]+$/g, '')]);
        expect(readFields(section)).to.deep.equal(told);
      }),
    );
  });
});

describe('isNamed', () => {
  it('knows a name in whatever case', () => {
    for (const name of ['content-length', 'Content-Length', 'CONTENT-LENGTH', 'cOnTeNt-LeNgTh'])
      expect(isNamed(name, 'content-length'), name).to.equal(true);
  });

  it('takes no other token for it: not one whose characters differ in one bit', () => {
    const lower = 'keep-alive';
    for (let at = 0; at < lower.length; at += 1)
      for (let code = 0x21; code < 0x7f; code += 1) {
        const name = `${lower.slice(0, at)}${String.fromCharCode(code)}${lower.slice(at + 1)}`;
        expect(isNamed(name, lower), name).to.equal(name.toLowerCase() === lower);
      }
    expect(isNamed('keep-aliv', lower)).to.equal(false);
    expect(isNamed('keep-alives', lower)).to.equal(false);
  });
});
