import { expect } from 'chai';
import fc from 'fast-check';
import { asProblem } from '../../../core/problem.ts';
import { canonicalTarget } from '../../../core/routing/canonical-path.ts';

const codeOf = (target: string): string => {
  try {
    return canonicalTarget(target).path;
  } catch (error) {
    return asProblem(error).code;
  }
};

describe('canonicalTarget', () => {
  const same = [
    '/',
    '/orders',
    '/orders/1',
    '/a/',
    "/a!$&'()*+,;=:@~-._",
    '/v1.2/a..b/...',
    '/.well-known/jwks.json',
    '/caf%C3%A9/a%20b',
    '/P',
  ];
  for (const path of same)
    it(`leaves ${path} as it is`, () => expect(canonicalTarget(path)).to.include({ path, query: '', authority: undefined }));

  const changed = {
    '//p': '/p',
    '///': '/',
    '/a//b//': '/a/b/',
    '/./p': '/p',
    '/a/.': '/a/',
    '/a/../p': '/p',
    '/a/b/..': '/a/',
    '/a/..': '/',
    '/%70': '/p',
    '/%7Euser/%2Dx': '/~user/-x',
    '/caf%c3%a9': '/caf%C3%A9',
    '/a|b/{c}/"d"': '/a%7Cb/%7Bc%7D/%22d%22',
    '/100%25': '/100%25',
    '/a%2520b': '/a%2520b',
    '/a%3bb': '/a%3Bb',
  };
  for (const [written, path] of Object.entries(changed))
    it(`reads ${written} as ${path}`, () => expect(canonicalTarget(written).path).to.equal(path));

  const ambiguous = {
    'a backslash': String.raw`/a\b /a%5Cb /a%5cb`,
    'an encoded slash': '/a%2Fb /p%2f..',
    'a control character': '/a%00b /a%0d%0Ab /a%1fb /a%7Fb',
    'an encoded dot segment': '/%2e%2e/p /a/.%2E/b /a/%2e/b /a/%2E',
    'a way out of the root': '/.. /../p /a/../../b',
    'a dot segment behind an empty element': '/a//../b',
    'a dot segment with a parameter': '/..;/p /a/..;x=1/p /a/.;/p /a/..%3b/p /a/%2e%2e;/p',
    'what is hidden by a second encoding': '/%252e%252e/p /a/%252e /%25%32%65/p /a%252fb /a%255Cb /a%2500b /a/.%252e/b /a/..%253bx',
    'what is hidden by more of them': '/%25252e%25252e/p /%25252525252e/p /%2525%32%65/p /%25%2532e/p /%25252525252541',
    'bytes that are not UTF-8': '/%c0%ae%c0%ae/p /a%c0%afb /a%ffb /a%e0%80%afb /a%ed%a0%80b',
  };
  for (const [what, targets] of Object.entries(ambiguous)) {
    for (const target of targets.split(' ')) it(`refuses ${what}: ${target}`, () => expect(codeOf(target)).to.equal('ambiguous-target'));
  }

  const malformed = 'orders ?a # /a#b /a?b#c /a% /a%2 /a%zz /a%2%35 ftp://a.test/ http:/a \\a'.split(' ');
  const bad = [...malformed, '', '/a b', '/a\tb', '/a\0', '/a\u007f', '/café', '/a?é', '/a?b c', '//a\n'];
  for (const target of bad) it(`refuses ${JSON.stringify(target)} as bad`, () => expect(codeOf(target)).to.equal('bad-request'));

  it('passes the query on as it is', () => {
    expect(canonicalTarget('/a?x=%2F..%2f&y=[a|b]\\"\'<>;?')).to.include({ path: '/a', query: 'x=%2F..%2f&y=[a|b]\\"\'<>;?' });
    expect(canonicalTarget('//a?//b/../c')).to.include({ path: '/a', query: '//b/../c' });
    expect(canonicalTarget('/a?')).to.include({ path: '/a', query: '' });
  });

  it('takes the path and the authority of an absolute-form target', () => {
    expect(canonicalTarget('HTTP://Api.Test:8080/a/../b?c')).to.deep.equal({ path: '/b', query: 'c', authority: 'api.test:8080' });
    expect(canonicalTarget('https://api.test')).to.deep.equal({ path: '/', query: '', authority: 'api.test' });
    expect(canonicalTarget('http://[::1]?q')).to.deep.equal({ path: '/', query: 'q', authority: '[::1]' });
  });

  it('refuses an absolute-form target whose authority misleads', () => {
    expect(codeOf('http://good.test@evil.test/')).to.equal('bad-request');
    expect(codeOf('http:///a')).to.equal('invalid-host');
    expect(codeOf('http://a\\b/')).to.equal('invalid-host');
    expect(codeOf('http://a.test:x/')).to.equal('invalid-host');
    expect(codeOf('http://a.test/%2e%2e/')).to.equal('ambiguous-target');
    expect(codeOf('http://a.test/#f')).to.equal('bad-request');
  });

  it('implements neither OPTIONS * nor CONNECT', () => {
    expect(codeOf('*')).to.equal('not-implemented');
    expect(codeOf('api.test:443')).to.equal('not-implemented');
  });

  const pieces = String.raw`/ / . .. %2e %2E %252e %25 25 2e %2f %5c \ ; %3b a B ~ %7e %41 %00 %c3%a9 %c0%ae | { %7b %20 ? % [`;
  const piece = fc.constantFrom(...pieces.split(' '));
  const target = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`),
    fc.string().map((text) => `/${text}`),
  );

  it('gives a path that is canonical itself, or refuses', () => {
    fc.assert(
      fc.property(target, (raw) => {
        let once: ReturnType<typeof canonicalTarget>;
        try {
          once = canonicalTarget(raw);
        } catch (error) {
          expect(asProblem(error).code).to.be.oneOf(['ambiguous-target', 'bad-request']);
          return;
        }
        const { path, query } = once;
        expect(canonicalTarget(query === '' ? path : `${path}?${query}`)).to.deep.equal(once);
        expect(path).to.match(/^\/(?:(?:[\w.~!$&'()*+,;=:@-]|%[0-9A-F]{2})+\/)*(?:[\w.~!$&'()*+,;=:@-]|%[0-9A-F]{2})*$/);
        expect(path).not.to.match(/%(?:[01]|2F|5C|7F|2E|2D|3\d|[46][1-9A-F]|[57][0-9A]|5F|7E)/);
        for (let layer = path, depth = 0; depth < 6; depth++, layer = unescapeOnce(layer)) {
          expect(layer.split('/')).to.have.length(path.split('/').length);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
          expect(layer).not.to.match(/[\\\0-\x1f\x7f]|\/\.\.?(?:[/;]|$)/);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('reads what clients resolve before sending as they would', () => {
    const plain = fc
      .array(fc.constantFrom('a', 'b.c', '..', '.', '%20', 'x;y'), { minLength: 1, maxLength: 6 })
      .map((elements) => `/${elements.join('/')}`);
    fc.assert(
      fc.property(plain, (raw) => {
        const read = codeOf(raw);
        if (read !== 'ambiguous-target') expect(read).to.equal(new URL(raw, 'http://a.test').pathname);
      }),
    );
  });

  it('is linear in a hostile target', () => {
    for (const unit of ['/..', '/.', '//', '%25', '%2541', '/a%', '%', '/a;', '?', '/%41', '.']) {
      const started = performance.now();
      codeOf(`/${unit.repeat(65_536 / unit.length)}`);
      codeOf(`/a${unit.repeat(65_536 / unit.length)}\u00e9`);
      // Not a benchmark: what is not linear takes minutes here.
      expect(performance.now() - started).to.be.below(2000);
    }
  });
});

/** What a lenient reader makes of escapes. */
const unescapeOnce = (text: string) =>
  text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
