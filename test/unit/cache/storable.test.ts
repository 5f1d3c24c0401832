import { expect } from 'chai';
import { responseDirectives } from '../../../core/cache/directives.ts';
import { lifetimeOf } from '../../../core/cache/freshness.ts';
import { storedFields, whyNotStored } from '../../../core/cache/storable.ts';

interface Given {
  says?: string;
  status?: number;
  fields?: string[];
  authorized?: boolean;
  apart?: boolean;
  ranged?: boolean;
  ttl?: number;
  staleIfError?: number;
}

function why({
  says = '',
  status = 200,
  fields = [],
  authorized = false,
  apart = false,
  ranged = false,
  ttl = 0,
  staleIfError = 0,
}: Given) {
  const head = { status, fields, directives: responseDirectives(says) };
  const allows = { staleIfError, staleWhileRevalidate: 0 };
  return whyNotStored(head, lifetimeOf(head, 0, ttl, 0), { authorized, apart, ranged }, allows);
}

describe('what a shared cache may store (RFC 9111 section 3)', () => {
  for (const [given, expected] of [
    [{ says: 'max-age=5' }, undefined],
    [{ says: 'max-age=5', status: 503 }, undefined],
    [{ says: 'max-age=5, no-store' }, 'no-store'],
    [{ says: 'max-age=5, private' }, 'private'],
    [{ says: 'max-age=5, private="x-user"' }, undefined],
    [{ says: 'max-age=5', status: 206 }, 'status'],
    [{ says: 'max-age=5', status: 304 }, 'status'],
    [{ says: 'max-age=5, no-store, must-understand' }, undefined],
    [{ says: 'max-age=5, must-understand', status: 599 }, 'not-understood'],
    [{ says: 'max-age=5', fields: ['Vary', 'accept, *'] }, 'vary'],
    [{ says: 'max-age=5, public', fields: ['Set-Cookie', 'a=b'] }, 'set-cookie'],
    [{ says: 'max-age=5, no-cache="set-cookie"', fields: ['Set-Cookie', 'a=b'] }, undefined],
    [{}, 'no-freshness'],
    [{ ttl: 5 }, undefined],
    [{ ttl: 5, status: 404 }, 'no-freshness'],
    [{ says: 'max-age=5', ranged: true }, undefined],
    [{ says: 'max-age=5', status: 404, ranged: true }, 'status'],
    [{ says: 'max-age=5, public', status: 416 }, 'status'],
    [{ says: 'max-age=5, public', status: 412 }, 'status'],
    [{ says: 'max-age=5, s-maxage=5', status: 417 }, 'status'],
    ...[400, 401, 403, 406, 413, 429, 431].flatMap((status): [Given, string | undefined][] => [
      [{ says: 'max-age=5', status }, 'status'],
      [{ says: 'max-age=5, public', status }, undefined],
    ]),
    ...[404, 405, 410, 414, 451].map((status): [Given, undefined] => [{ says: 'max-age=5', status }, undefined]),
    [{ ttl: 5, says: 'no-store' }, 'no-store'],
    [{ ttl: 5, says: 'private' }, 'private'],
    [{ fields: ['ETag', '"1"'] }, undefined],
    [{ says: 'max-age=0' }, 'no-freshness'],
    [{ says: 'max-age=5, no-cache' }, 'no-freshness'],
    [{ says: 'max-age=5, no-cache', fields: ['Last-Modified', 'x'] }, undefined],
    [{ says: 'max-age=0', staleIfError: 60 }, undefined],
    [{ says: 'max-age=0', status: 503, staleIfError: 60 }, 'no-freshness'],
    [{ says: 'max-age=0, stale-while-revalidate=60' }, undefined],
  ] satisfies [Given, string | undefined][]) {
    it(`${JSON.stringify(given)}: ${expected ?? 'may be'}`, () => expect(why(given)).to.equal(expected));
  }

  it('of answers to authorized requests only those that say so, or that each user has apart (section 3.5)', () => {
    const asked = { authorized: true };
    expect(why({ ...asked, says: 'max-age=5' })).to.equal('authorization');
    expect(why({ ...asked, ttl: 5 })).to.equal('authorization');
    for (const says of ['public, max-age=5', 's-maxage=5', 'must-revalidate, max-age=5'])
      expect(why({ ...asked, says }), says).to.equal(undefined);
    expect(why({ ...asked, apart: true, ttl: 5 })).to.equal(undefined);
    expect(why({ ...asked, apart: true, says: 'private, max-age=5' })).to.equal('private');
  });

  it('without the fields that are made anew, or that may not be given without the service`s word', () => {
    const directives = responseDirectives('no-cache="x-user"');
    const fields = ['X-User', 'ada', 'Age', '5', 'ETag', '"1"', 'Server-Timing', 'a', 'Proxy-Authentication-Info', 'b', 'Trailer', 'x-sum'];
    expect(storedFields(fields, directives)).to.deep.equal(['ETag', '"1"']);
  });
});
