import { expect } from 'chai';
import {
  confirms,
  contradicts,
  freshened,
  isForOrigin,
  isUnchanged,
  matchesIfRange,
  notModifiedFields,
  validating,
} from '../../../core/cache/validation.ts';

const early = 'Mon, 01 Jan 2024 00:00:00 GMT';
const late = 'Tue, 02 Jan 2024 00:00:00 GMT';
const now = Date.UTC(2026, 0, 1);

describe('conditional requests', () => {
  const unchanged = (stored: string[], ifNoneMatch?: string, ifModifiedSince?: string) =>
    isUnchanged(stored, { ifNoneMatch, ifModifiedSince }, now);

  it('If-None-Match compares weakly, and decides alone', () => {
    const stored = ['ETag', 'W/"a,b"', 'Last-Modified', late];
    for (const tags of ['W/"a,b"', '"a,b"', '"x", W/"a,b", "y"', '*']) expect(unchanged(stored, tags), tags).to.equal(true);
    expect(unchanged(stored, '"a"', late)).to.equal(false);
    expect(unchanged(['Last-Modified', early], '"a"', late)).to.equal(false);
  });

  it('If-Modified-Since compares with Last-Modified, else with Date', () => {
    expect(unchanged(['Last-Modified', early], undefined, early)).to.equal(true);
    expect(unchanged(['Last-Modified', early], undefined, late)).to.equal(true);
    expect(unchanged(['Last-Modified', late], undefined, early)).to.equal(false);
    expect(unchanged(['Date', early], undefined, late)).to.equal(true);
    expect(unchanged([], undefined, early)).to.equal(false);
    expect(unchanged(['Last-Modified', early], undefined, 'yesterday')).to.equal(false);
  });

  it('If-Range compares strongly', () => {
    expect(matchesIfRange(['ETag', '"a"'], '"a"')).to.equal(true);
    expect(matchesIfRange(['ETag', 'W/"a"'], 'W/"a"')).to.equal(false);
    expect(matchesIfRange(['Last-Modified', early, 'Date', late], early)).to.equal(true);
    expect(matchesIfRange(['Last-Modified', early, 'Date', early], early)).to.equal(false);
    expect(matchesIfRange([], late)).to.equal(false);
  });

  it('that only the service can evaluate are left to it', () => {
    expect(isForOrigin(['if-match', '"a"'])).to.equal(true);
    expect(isForOrigin(['If-Unmodified-Since', early])).to.equal(true);
    expect(isForOrigin(['if-none-match', '"a"'])).to.equal(false);
  });
});

describe('validation by the service', () => {
  it('asks with the validators of what is stored, in place of the client`s', () => {
    const asked = ['accept', '*/*', 'If-None-Match', '"theirs"'];
    expect(validating(asked, ['ETag', '"a"', 'Last-Modified', early])).to.deep.equal([
      'accept',
      '*/*',
      'if-none-match',
      '"a"',
      'if-modified-since',
      early,
    ]);
    expect(validating(asked, ['Date', early])).to.equal(undefined);
  });

  it('is confirmed by a 304 that names the same tag, or none', () => {
    expect(confirms(['ETag', '"a"'], ['ETag', 'W/"a"'])).to.equal(true);
    expect(confirms(['ETag', '"a"'], [])).to.equal(true);
    expect(confirms(['ETag', '"a"'], ['ETag', '"b"'])).to.equal(false);
    expect(confirms(['Last-Modified', 'a'], ['Last-Modified', 'b'])).to.equal(false);
    expect(confirms(['ETag', '"a"', 'Last-Modified', 'a'], ['ETag', '"a"', 'Last-Modified', 'b'])).to.equal(true);
  });

  it('is contradicted by a head with another tag, date or length', () => {
    const stored = ['ETag', '"a"', 'Content-Length', '5'];
    expect(contradicts(stored, ['etag', '"a"', 'Last-Modified', early])).to.equal(false);
    expect(contradicts(stored, ['ETag', '"b"'])).to.equal(true);
    expect(contradicts(stored, ['Content-Length', '6'])).to.equal(true);
  });

  it('replaces the stored fields that the 304 brings anew, but not what describes the body', () => {
    const stored = ['X-A', '1', 'x-a', '2', 'X-B', '3', 'Content-Length', '5', 'Content-Encoding', 'gzip'];
    expect(freshened(stored, ['x-A', '9', 'Content-Length', '0', 'content-encoding', 'br'])).to.deep.equal([
      'X-B',
      '3',
      'Content-Length',
      '5',
      'Content-Encoding',
      'gzip',
      'x-A',
      '9',
    ]);
  });

  it('tells a client in a 304 what it needs, and nothing of a body', () => {
    const stored = ['ETag', '"a"', 'Content-Type', 'text/plain', 'Content-Location', '/a', 'Vary', 'accept', 'Date', late];
    expect(notModifiedFields(stored)).to.deep.equal(['ETag', '"a"', 'Content-Location', '/a', 'Vary', 'accept', 'Date', late]);
  });
});
