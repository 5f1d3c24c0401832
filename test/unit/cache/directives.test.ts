import { expect } from 'chai';
import fc from 'fast-check';
import { readDirectives, requestDirectives, responseDirectives } from '../../../core/cache/directives.ts';

describe('the directives of Cache-Control', () => {
  it('are read by their names in any case, with an argument as token or as string', () => {
    expect(readDirectives('Max-Age=5, no-cache="a, b" ,foo="say \\"hi\\"",private')).to.deep.equal([
      ['max-age', '5'],
      ['no-cache', 'a, b'],
      ['foo', 'say "hi"'],
      ['private', undefined],
    ]);
  });

  it('that are malformed hide nothing that stands behind, and make nothing fresh', () => {
    for (const field of ['max-age =5, no-store', 'max-age= 5, no-store', '"max-age=5", no-store', '@, no-store', 'no-store, a="never ends'])
      expect(responseDirectives(`s-maxage=5, ${field}`), field).to.include({ noStore: true, maxAge: 0, sMaxage: 0, private: false });
    expect(responseDirectives(', ,max-age=5,, ,')).to.include({ maxAge: 5, sMaxage: undefined });
    expect(responseDirectives('max-age=5; public')).to.include({ maxAge: 0, sMaxage: undefined, public: false });
  });

  it('that are malformed forbid what they name', () => {
    expect(responseDirectives('no-cache; no-store; must-revalidate')).to.include({ noCache: true, noStore: true, mustRevalidate: true });
    expect(responseDirectives('private; max-age=60')).to.include({ private: true, maxAge: 0 });
    expect(responseDirectives('no-store max-age=60')).to.include({ noStore: true });
    expect(responseDirectives('private="Set-Cookie')).to.include({ private: true });
    expect(responseDirectives('Proxy-Revalidate "x", max-age=5')).to.include({ proxyRevalidate: true });
    expect(responseDirectives('x-private y, max-age=5')).to.include({ private: false });
    expect(requestDirectives('no-cache; x').noCache).to.equal(true);
  });

  it('count as the shortest of several; a max-age that is no number is none at all', () => {
    const maxAge = (field: string) => responseDirectives(field).maxAge;
    expect(maxAge('max-age=1800, max-age=1')).to.equal(1);
    expect(maxAge('max-age="60"')).to.equal(60);
    expect(maxAge('max-age=003600')).to.equal(3600);
    expect(maxAge('max-age=99999999999')).to.equal(2 ** 31);
    expect(maxAge('a="max-age=9", max-age=1')).to.equal(1);
    for (const wrong of ['max-age', 'max-age=', 'max-age=-1', 'max-age=1.5', "max-age='9'", 'max-age=a1', 'max-age=1a'])
      expect(maxAge(wrong), wrong).to.equal(0);
    expect(responseDirectives('stale-if-error=x, stale-while-revalidate=').staleIfError).to.equal(undefined);
  });

  it('with field names withhold the fields, and leave the rest free', () => {
    const directives = responseDirectives('no-cache="Set-Cookie, X-User", private=x-other, max-age=5');
    expect([directives.noCache, directives.private, [...directives.fieldsWithheld]]).to.deep.equal([
      false,
      false,
      ['set-cookie', 'x-user', 'x-other'],
    ]);
    expect(responseDirectives('no-cache="a", no-cache').noCache).to.equal(true);
  });

  it('of a request are the client`s wishes; Pragma counts where there is no Cache-Control', () => {
    expect(requestDirectives('max-stale, min-fresh=5, only-if-cached')).to.include({
      maxStale: Number.POSITIVE_INFINITY,
      minFresh: 5,
      onlyIfCached: true,
      noCache: false,
    });
    expect(requestDirectives('max-stale=7').maxStale).to.equal(7);
    expect(requestDirectives('max-age=x').maxAge).to.equal(undefined);
    expect(requestDirectives(undefined, 'no-cache').noCache).to.equal(true);
    expect(requestDirectives('max-age=5', 'no-cache').noCache).to.equal(false);
    expect(requestDirectives(undefined, 'no-cached').noCache).to.equal(false);
  });

  it('give way to a targeted field that can be read (RFC 9213)', () => {
    const targeted = (field: string) => responseDirectives('no-store', field);
    expect(targeted('max-age=60')).to.include({ maxAge: 60, noStore: false, targeted: true });
    expect(targeted('foo=?1, private;a=b, max-age=60;x')).to.include({ private: true, maxAge: 60, targeted: true });
    expect(targeted('private, foo=(a "b" 1;c)  ,x=:YQ==:,y=-1.5')).to.include({ private: true, targeted: true });
    expect(targeted('no-cache=("x"), max-age=1.5')).to.include({ noCache: true, maxAge: 0, targeted: true });
    expect(targeted('private=?0, max-age=60')).to.include({ private: false, maxAge: 60 });
    for (const forbids of ['no-store,,', 'private, (', 'NO-CACHE; @'])
      expect(responseDirectives('max-age=60', forbids), forbids).to.include({ maxAge: 60, targeted: false });
    expect(responseDirectives('max-age=60', 'no-store, &&&')).to.include({ noStore: true, private: false });
    for (const unreadable of ['', 'max-age=60, &&&', 'Max-Age=60', 'max-age=60 , ="', 'a=(b', 'a=1.2345', 'a=b c'])
      expect(targeted(unreadable), unreadable).to.include({ noStore: true, targeted: false });
    expect(targeted('max-age="60"')).to.include({ maxAge: 0, targeted: true });
  });

  it('are read in a time that grows with their length alone, whatever they are', () => {
    const pieces = fc.array(fc.constantFrom('"', '\\', ',', '=', 'a', ' ', '\t', '\\"', '(', ')', ';', '=(', 'a=(b ', '1.'), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(pieces, (parts) => {
        const field = parts.join('').repeat(200);
        readDirectives(field);
        responseDirectives('', field);
      }),
      { numRuns: 200 },
    );
  });
});
