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

  it('that are malformed say nothing, and hide nothing that stands behind', () => {
    for (const field of ['max-age =5, no-store', 'max-age= 5, no-store', ',, ,no-store', '"max-age=5", no-store', '@, no-store'])
      expect(readDirectives(field), field).to.deep.equal([['no-store', undefined]]);
    expect(readDirectives('no-store, a="never ends, max-age=5')).to.deep.equal([['no-store', undefined]]);
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
    expect(targeted('foo=?1, private;a=b, max-age=60')).to.include({ targeted: false });
    expect(targeted('private=?0, max-age=60')).to.include({ private: false, maxAge: 60 });
    for (const unreadable of ['', 'max-age=60, &&&', 'Max-Age=60', 'max-age=60 , ="'])
      expect(targeted(unreadable), unreadable).to.include({ noStore: true, targeted: false });
    expect(targeted('max-age="60"')).to.include({ maxAge: 0, targeted: true });
  });

  it('are read in a time that grows with their length alone, whatever they are', () => {
    const pieces = fc.array(fc.constantFrom('"', '\\', ',', '=', 'a', ' ', '\t', '\\"'), { maxLength: 60 });
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
