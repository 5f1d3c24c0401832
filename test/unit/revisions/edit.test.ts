import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { edit } from '../../../core/revisions/edit.ts';
import { at, patched, type Written, withValue, written } from '../../../core/revisions/written.ts';

const EXAMPLE = readFileSync(join(import.meta.dirname, '../../../deploy/example/postern.yaml'), 'utf8');

/** The lines that only the one has, and those that only the other has. */
function changed(before: string, after: string): { gone: string[]; fresh: string[] } {
  const [old, now] = [before.split('\n'), after.split('\n')];
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(old.length, now.length) - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  return { gone: old.slice(head, old.length - tail), fresh: now.slice(head, now.length - tail) };
}

describe('an edit of a configuration', () => {
  it('touches the line that it is about', () => {
    const path = ['services', 'stock', 'endpoints', 1];
    const { gone, fresh } = changed(EXAMPLE, edit(EXAMPLE, path, patched(at(written(EXAMPLE), path), { weight: 5, drain: true })));
    expect(gone).to.deep.equal([`      - { url: "http://127.0.0.1:\${STOCK_B_PORT:-4003}", weight: 2 }`]);
    expect(fresh).to.deep.equal([`      - { url: "http://127.0.0.1:\${STOCK_B_PORT:-4003}", weight: 5, drain: true }`]);
  });

  it('writes what is new as people do, at the end of what it belongs to', () => {
    const service = {
      endpoints: ['http://a:1', { url: 'http://b:2', weight: 3 }],
      timeouts: { connect: '1s', attempt: '3s', request: '10s', idle: '4s' },
    };
    const { gone, fresh } = changed(EXAMPLE, edit(EXAMPLE, ['services', 'new'], service));
    expect(gone).to.deep.equal([]);
    expect(fresh).to.deep.equal([
      '  new:',
      '    endpoints: [http://a:1, { url: http://b:2, weight: 3 }]',
      '    timeouts: { connect: 1s, attempt: 3s, request: 10s, idle: 4s }',
    ]);
  });

  it('takes out what is said of it too, and no more', () => {
    const text = 'services:\n  # of a\n  # still\n  a: { x: 1 } # beside\n    # within\n  # of b\n  b: { x: 2 }\n\n# of the file\n';
    expect(edit(text, ['services', 'a'], undefined)).to.equal('services:\n  # of b\n  b: { x: 2 }\n\n# of the file\n');
    expect(edit(text, ['services', 'b'], undefined)).to.equal(
      'services:\n  # of a\n  # still\n  a: { x: 1 } # beside\n    # within\n\n# of the file\n',
    );
  });

  it('begins where nothing is yet', () => {
    const service = { endpoints: ['http://a'] };
    for (const text of [
      '',
      '# a file\n',
      'services:\n',
      'services: # none\nroutes: []\n',
      '{}',
      'routes: []',
      'services: {}\n',
      '---\nservices: ~\n',
    ]) {
      const edited = edit(text, ['services', 'a'], service);
      expect(at(written(edited), ['services', 'a']), text).to.deep.equal(service);
      for (const comment of text.match(/#.*/g) ?? []) expect(edited).to.include(comment);
    }
    expect(edit('routes:\n', ['routes', 0], { name: 'a' })).to.equal('routes: [{ name: a }]\n');
  });

  it('changes a value that others are by an alias for none of them', () => {
    const text = 'a: &x { t: 1 } # c\nservices:\n  a: { timeouts: *x }\n  b: { timeouts: *x }\n';
    expect(edit(text, ['services', 'a', 'timeouts', 't'], 2)).to.equal(text.replace('*x', '{ t: 2 }'));
    expect(edit(text, ['a', 't'], 2)).to.equal(text.replace('t: 1', 't: 2').replaceAll('*x', '{ t: 1 }'));
    expect(written(edit(text, ['a'], undefined))).to.deep.equal({ services: { a: { timeouts: { t: 1 } }, b: { timeouts: { t: 1 } } } });
    // Not what a merge key is here, but not harmed by what is changed beside it either.
    const merged = 'x: &x { t: 1 }\nservices:\n  a: { "<<": *x, u: 1 }\n';
    expect(edit(merged, ['services', 'a', 'u'], 2)).to.equal(merged.replace('u: 1', 'u: 2'));
  });

  it('leaves JSON to be JSON', () => {
    const text = JSON.stringify({ services: { a: { endpoints: ['http://a'] } }, routes: [] }, null, 4);
    expect(JSON.parse(edit(text, ['services', 'b'], { drain: true }))).to.deep.equal({
      services: { a: { endpoints: ['http://a'] }, b: { drain: true } },
      routes: [],
    });
    expect(edit(text, ['routes'], [])).to.equal(text);
    expect(edit(text, ['routes', 0], 'a')).to.include('\n    "routes": [\n        "a"\n    ]');
  });

  it('keeps the ends of lines, and the end of a file without one', () => {
    const text = 'services:\r\n  a: { x: 1 }\r\n  b: { x: 2 }';
    expect(edit(text, ['services', 'c'], { x: 3 })).to.equal(`${text}\r\n  c: { x: 3 }`);
    expect(edit(text, ['services', 'b'], undefined)).to.equal('services:\r\n  a: { x: 1 }');
  });

  it('leaves what is around the last of a list or an object as it was written', () => {
    const around = (routes: string) => `services: # ours\n\n  a:   { x: '1' }\n${routes}`;
    const crlf = (text: string) => text.replaceAll('\n', '\r\n');
    for (const as of [(text: string) => text, crlf]) {
      expect(edit(as(around('routes:\n  - "name": r\n# end\n')), ['routes', 0], undefined)).to.equal(as(around('routes: []\n# end\n')));
      expect(edit(as(around('routes: # all\n  - "name": r\n')), ['routes', 0], undefined)).to.equal(as(around('routes: [] # all\n')));
      expect(edit(as(around('b:\n  x: 1\n')), ['b', 'x'], undefined)).to.equal(as(around('b: {}\n')));
      expect(edit(as(around('b:\n  x: 1\n')), ['b'], 'y')).to.equal(as(around('b: y\n')));
    }
    // Where all is written anew, lines end as they did.
    const odd = crlf('a:\n  -\n    "name": r # of r\n  - ? { x: 1 }\n    : 2\n');
    expect(edit(odd, ['a', 0], 'b')).not.to.match(/[^\r]\n/);
  });

  it('quotes what would be something else', () => {
    for (const value of [`\${PORT}`, 'true', '1', '', 'a: b', '- x', '{x}', '*a', '#c', ' x ', 'a\nb', '\u2028', '~', '0x1', 'x, y'])
      for (const text of ['services: { a: 1 }\n', 'services:\n  a: 1\n'])
        expect(at(written(edit(text, ['services', 'a'], value)), ['services', 'a']), value).to.equal(value);
  });

  const scalar = fc.oneof(
    fc.constantFrom('2s', `\${A}`, 'http://a:1', '#', 'a: b', '', 'x'.repeat(90)),
    fc.integer({ min: 0, max: 9 }),
    fc.boolean(),
    fc.constant(null),
  );
  const key = fc.constantFrom('a', 'b', 'c', 'name', '__proto__', 'constructor', 'x y', '1', 'true', '#');
  const value: fc.Arbitrary<Written> = fc.letrec<{ value: Written }>((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, scalar, fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(key, tie('value'), { maxKeys: 3 })),
  })).value as fc.Arbitrary<Written>;
  const whole = fc.dictionary(fc.constantFrom('services', 'routes', 'x'), fc.dictionary(key, value, { maxKeys: 4 }), { minKeys: 1 });

  /** The same value as several people may have written it, with a comment on each line that takes one. */
  const layouts: readonly ((value: Written, indent: number) => string)[] = [block, (inner) => flow(inner)];
  function block(inner: Written, indent: number): string {
    if (Array.isArray(inner) && inner.length > 0) return inner.map((item) => `\n${' '.repeat(indent)}- ${flow(item)} # item`).join('');
    if (typeof inner !== 'object' || inner === null || Object.keys(inner).length === 0) return flow(inner);
    return Object.entries(inner)
      .map(([name, one], at) => {
        const text = (at % 2 === 0 ? block : flow)(one as Written, indent + 2);
        return `\n${' '.repeat(indent)}${JSON.stringify(name)}:${text.startsWith('\n') ? ` # of ${at}${text}` : ` ${text} # beside ${at}`}`;
      })
      .join('');
  }
  function flow(inner: Written): string {
    return JSON.stringify(inner);
  }

  it('makes of any file what it should, says it in the order that was there, and keeps every comment elsewhere', () => {
    fc.assert(
      fc.property(whole, fc.constantFrom(...layouts), key, fc.option(value, { nil: undefined }), (before, layout, name, next) => {
        const text = `# first\n${layout(before, 0).trim()}\n# last\n`;
        expect(written(text)).to.deep.equal(before);
        const path = ['services', name];
        const edited = edit(text, path, next);
        expect(written(edited)).to.deep.equal(withValue(before, path, next) ?? null);
        expect(edited)
          .to.match(/^# first\n/)
          .and.match(/# last\n$/);
        const kept = text.split('\n').filter((line) => /^"(?:routes|x)"/.test(line));
        for (const line of kept) expect(edited).to.include(line);
        // What changes nothing changes no byte.
        const same = at(before, path);
        if (same !== undefined) expect(edit(text, path, same)).to.equal(text);
        const order = (one: Written | undefined) => Object.keys((one ?? {}) as object).filter((own) => own !== name);
        expect(order(at(written(edited), ['services']))).to.deep.equal(order(at(before, ['services'])));
      }),
      { numRuns: 100 },
    );
  });

  it('of a list keeps the order, whatever is put in or taken out', () => {
    const item = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), n: fc.integer({ min: 0, max: 3 }) });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 6 }), fc.array(item, { maxLength: 6 }), fc.boolean(), (before, after, isBlock) => {
        const lines = before.map(({ name, n }) => `\n  - name: ${name} # ${name}${n}\n    n: ${n}`);
        const text =
          isBlock && before.length > 0 ? `routes:${lines.join('')}\nlast: 1\n` : `routes: ${JSON.stringify(before)} # c\nlast: 1\n`;
        expect(written(edit(text, ['routes'], after))).to.deep.equal({ routes: after, last: 1 });
      }),
      { numRuns: 100 },
    );
  });
});
