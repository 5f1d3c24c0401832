import { expect } from 'chai';
import { responseDirectives } from '../../../core/cache/directives.ts';
import { cacheRule, whoAsks } from '../../../core/cache/rule.ts';
import { selection, varyOf } from '../../../core/cache/vary.ts';

const settings = { staleIfError: 0, staleWhileRevalidate: 0, maxBody: 1, perUser: false, clientDirectives: true };

describe('what selects among the answers to one target (RFC 9111 section 4.1)', () => {
  it('is named by Vary, whatever its order and case', () => {
    expect(varyOf(['Vary', 'B, a', 'vary', 'A ,, c'])).to.deep.equal(['a', 'b', 'c']);
    expect(varyOf([])).to.deep.equal([]);
  });

  it('is the same for fields that differ in lines alone, and for what is negotiated by in spaces too', () => {
    const of = (...fields: string[]) => selection(['foo'], fields);
    expect(of('Foo', '1, 2')).to.equal(of('foo', '1', 'FOO', '2'));
    expect(of('foo', 'name="a, b"')).to.not.equal(of('foo', 'name="a,b"'));
    expect(selection(['accept'], ['accept', 'a/b , c/d'])).to.equal(selection(['accept'], ['accept', 'a/b,c/d']));
    expect(of('foo', 'a')).to.not.equal(of('foo', 'A'));
    expect(of()).to.not.equal(of('foo', ''));
    expect(selection(['accept-language'], ['accept-language', 'EN, de'])).to.equal(
      selection(['accept-language'], ['Accept-Language', 'en,De']),
    );
  });

  it('may be a cookie', () => {
    const of = (cookie: string) => selection(['cookie:plan'], ['cookie', cookie]);
    expect(of('a=1; plan=pro')).to.equal(of('plan=pro; b=2'));
    expect(of('plan=pro')).to.not.equal(of('plan=free'));
    expect(of('plan=a; plan=b')).to.not.equal(of('plan=b; plan=a'));
  });
});

describe('the key of a route`s answers', () => {
  const names = (says: string, seconds: number, explicit: boolean, key?: object, fields: string[] = []) =>
    cacheRule({ ...settings, ...(key ? { key } : {}) }).namesOf(fields, responseDirectives(says), { seconds, explicit });

  it('has who asks, unless the answer is public', () => {
    expect(names('max-age=5', 5, true)).to.deep.equal([':caller', ':user', 'authorization', 'x-gateway-caller', 'x-user-id', 'x_user_id']);
    expect(names('public, max-age=5', 5, true)).to.deep.equal([]);
    expect(names('public, max-age=5', 5, true, { headers: ['X-Plan'] }, ['Vary', 'accept'])).to.deep.equal(['accept', 'x-plan']);
  });

  it('tells users apart by all of their name, and from callers', () => {
    const user = (subject: string) => selection([':caller', ':user'], whoAsks({ kind: 'user', subject, claims: {}, scopes: new Set() }));
    const names = ['ada', 'Ada', 'a,b', 'a, b', 'a\n:user:=b', 'a%0A', '\ud800', ''].map(user);
    const all = [
      ...names,
      selection([':caller', ':user'], whoAsks({ kind: 'caller', name: 'ada', rateLimit: undefined })),
      selection([':caller', ':user'], []),
    ];
    expect(new Set(all).size).to.equal(all.length);
  });

  it('tells the tokens of one user apart, by what they claim', () => {
    const by = (scope: string) => selection([':user'], whoAsks({ kind: 'user', subject: 'ada', claims: { scope }, scopes: new Set() }));
    expect(by('admin')).to.not.equal(by('read'));
    expect(by('read')).to.equal(by('read'));
  });

  it('has the cookies of an answer that does not say how long it is fresh, unless the route names those that count', () => {
    expect(names('public', 5, false)).to.deep.equal(['cookie']);
    expect(names('public, max-age=0', 0, true)).to.deep.equal(['cookie']);
    expect(names('public', 5, false, { cookies: ['plan'] })).to.deep.equal(['cookie:plan']);
    expect(names('public', 5, false, { cookies: [] })).to.deep.equal([]);
  });

  it('has the query as it is, or the parameters that count', () => {
    expect(cacheRule(settings).query('b=2&a=1')).to.equal('b=2&a=1');
    const { query } = cacheRule({ ...settings, key: { query: ['page', 'q x'] } });
    expect(query('utm=1&page=2&q+x=3&q%20x=4&pag%65=5')).to.equal('page=2&q+x=3&q%20x=4&pag%65=5');
    // What a service may take for one of them counts.
    for (const cloaked of ['utm=1;page=2', 'page%=2', 'PAGE=2', '+page=2', 'page[]=2', 'page%5Ba%5D=2', 'page%00=2', 'q.x=2', 'q_x=2'])
      expect(query(`${cloaked}&utm=1`), cloaked).to.equal(cloaked);
    expect(query('pages=1&pag=2&mypage=3&[page]=4')).to.equal('');
    expect(query('')).to.equal('');
  });
});
