import { expect } from 'chai';
import fc from 'fast-check';
import { requestDirectives, responseDirectives } from '../../../core/cache/directives.ts';
import { ageOnArrival, lifetimeOf, reuseOf, standsIn } from '../../../core/cache/freshness.ts';
import { writeDate } from '../../../core/cache/http-date.ts';

const now = Date.UTC(2026, 5, 1);
const none = { staleWhileRevalidate: 0, staleIfError: 0 };
const at = (seconds: number) => writeDate(now + seconds * 1000);

interface Given {
  status?: number;
  says?: string;
  fields?: string[];
  age?: number;
  ttl?: number;
}

const lifetime = ({ status = 200, says = '', fields = [], age = 0, ttl }: Given) =>
  lifetimeOf({ status, fields, directives: responseDirectives(says) }, age, ttl, now);

describe('how long an answer is fresh', () => {
  it('is said by s-maxage, max-age or Expires, in this order', () => {
    const expires = ['Date', at(0), 'Expires', at(100)];
    expect(lifetime({ says: 's-maxage=1, max-age=9', fields: expires })).to.deep.equal({ seconds: 1, explicit: true });
    expect(lifetime({ says: 'max-age=9', fields: expires })).to.deep.equal({ seconds: 9, explicit: true });
    expect(lifetime({ fields: expires })).to.deep.equal({ seconds: 100, explicit: true });
    expect(lifetime({ status: 503, says: 'max-age=9' })).to.deep.equal({ seconds: 9, explicit: true });
  });

  it('Expires counts from Date, and is over when it is no date or there are two', () => {
    expect(lifetime({ fields: ['Date', at(-60), 'Expires', at(40)] }).seconds).to.equal(100);
    expect(lifetime({ fields: ['Date', 'nonsense', 'Expires', at(40)] }).seconds).to.equal(40);
    for (const wrong of [
      ['Expires', '0'],
      ['Expires', at(-5)],
      ['Expires', at(9), 'Expires', at(9)],
    ])
      expect(lifetime({ fields: wrong }), wrong.join()).to.deep.equal({ seconds: 0, explicit: true });
  });

  it('is the ttl of the route for what says nothing, from when it came', () => {
    expect(lifetime({ ttl: 5, age: 3 })).to.deep.equal({ seconds: 8, explicit: false });
    expect(lifetime({ ttl: 5, says: 'max-age=0' })).to.deep.equal({ seconds: 0, explicit: true });
    expect(lifetime({ ttl: 5, status: 301 }).seconds).to.equal(5);
    for (const status of [201, 302, 403, 404, 405, 500, 501, 503]) expect(lifetime({ ttl: 5, status }).seconds, String(status)).to.equal(0);
    expect(lifetime({ ttl: 5, status: 299, says: 'public' }).seconds).to.equal(5);
  });

  it('is, without a ttl, a tenth of the time since Last-Modified, at most a day', () => {
    expect(lifetime({ fields: ['Date', at(0), 'Last-Modified', at(-1000)] }).seconds).to.equal(100);
    expect(lifetime({ fields: ['Date', at(0), 'Last-Modified', at(-1e8)] }).seconds).to.equal(24 * 3600);
    expect(lifetime({ fields: ['Last-Modified', at(1000)] }).seconds).to.equal(0);
    expect(lifetime({ ttl: 0, fields: ['Last-Modified', at(-1000)] }).seconds).to.equal(0);
    expect(lifetime({}).seconds).to.equal(0);
  });
});

describe('the age of an answer on arrival', () => {
  it('is what the first Age says and how long the call took, or the time since Date, whichever is more', () => {
    expect(ageOnArrival(['Age', '10'], now, 2000)).to.equal(12);
    expect(ageOnArrival(['Age', '7200, 0', 'Age', '5'], now, 0)).to.equal(7200);
    expect(ageOnArrival(['Date', at(-60), 'Age', '10'], now, 0)).to.equal(60);
    expect(ageOnArrival(['Date', at(60)], now, 0)).to.equal(0);
    for (const wrong of ['abc', '-1', '1.0', '1;a=b', '']) expect(ageOnArrival(['Age', wrong], now, 0), wrong).to.equal(0);
  });
});

describe('whether an answer may be given', () => {
  interface Case {
    says: string;
    age: number;
    asked?: string;
    allows?: Partial<typeof none>;
  }
  const reuse = ({ says, age, asked, allows }: Case) => {
    const directives = responseDirectives(says);
    const reusable = { directives, lifetime: { seconds: directives.sMaxage ?? directives.maxAge ?? 0, explicit: true } };
    const allowances = { ...none, ...allows };
    return [reuseOf(reusable, age, requestDirectives(asked), allowances), standsIn(reusable, age, allowances)];
  };

  for (const [given, expected] of [
    [{ says: 'max-age=10', age: 9 }, ['fresh', true]],
    [{ says: 'max-age=10', age: 10 }, ['ask', false]],
    [{ says: 'max-age=10, no-cache', age: 1 }, ['ask', false]],
    [{ says: 'max-age=10', age: 1, asked: 'no-cache' }, ['ask', true]],
    [{ says: 'max-age=10', age: 5, asked: 'max-age=5' }, ['fresh', true]],
    [{ says: 'max-age=10', age: 5, asked: 'max-age=4' }, ['ask', true]],
    [{ says: 'max-age=10', age: 5, asked: 'min-fresh=5' }, ['fresh', true]],
    [{ says: 'max-age=10', age: 5, asked: 'min-fresh=6' }, ['ask', true]],
    [{ says: 'max-age=10', age: 15, asked: 'max-stale' }, ['stale', false]],
    [{ says: 'max-age=10', age: 15, asked: 'max-stale=5' }, ['stale', false]],
    [{ says: 'max-age=10', age: 15, asked: 'max-stale=4' }, ['ask', false]],
    [{ says: 'max-age=10, must-revalidate', age: 15, asked: 'max-stale' }, ['ask', false]],
    [{ says: 's-maxage=10', age: 15, asked: 'max-stale' }, ['ask', false]],
    [{ says: 'max-age=10, stale-while-revalidate=10', age: 15 }, ['revalidate-behind', true]],
    [{ says: 'max-age=10, stale-while-revalidate=10', age: 20 }, ['ask', false]],
    [{ says: 'max-age=10, stale-while-revalidate=10', age: 15, asked: 'max-age=60' }, ['ask', true]],
    [{ says: 'max-age=10', age: 15, allows: { staleWhileRevalidate: 10 } }, ['revalidate-behind', true]],
    [{ says: 'max-age=10, stale-while-revalidate=0', age: 15, allows: { staleWhileRevalidate: 10 } }, ['ask', false]],
    [{ says: 'max-age=10', age: 15, allows: { staleIfError: 10 } }, ['ask', true]],
    [{ says: 'max-age=10, proxy-revalidate', age: 15, allows: { staleIfError: 10, staleWhileRevalidate: 10 } }, ['ask', false]],
    [{ says: 's-maxage=10', age: 15, allows: { staleIfError: 10, staleWhileRevalidate: 10 } }, ['ask', false]],
    [{ says: 's-maxage=10, stale-while-revalidate=10', age: 15 }, ['revalidate-behind', true]],
    [{ says: 'max-age=10, stale-if-error=10, must-revalidate', age: 15 }, ['ask', false]],
  ] satisfies [Case, [string, boolean]][]) {
    it(`${JSON.stringify(given)}: ${expected.join(', stands in for a failure: ')}`, () => expect(reuse(given)).to.deep.equal(expected));
  }

  it('is, by the plain arithmetic of section 4.2, when its lifetime is more than its age', () => {
    const seconds = fc.integer({ min: 0, max: 100_000 });
    const maybe = fc.option(seconds, { nil: undefined });
    const given = fc.record({
      sMaxage: maybe,
      maxAge: maybe,
      expires: maybe,
      date: fc.integer({ min: -1000, max: 0 }),
      age: maybe,
      delay: seconds,
      resident: seconds,
    });
    fc.assert(
      fc.property(given, ({ sMaxage, maxAge, expires, date, age, delay, resident }) => {
        const says = [sMaxage === undefined ? [] : [`s-maxage=${sMaxage}`], maxAge === undefined ? [] : [`max-age=${maxAge}`]]
          .flat()
          .join(', ');
        const fields = [
          'Date',
          at(date),
          ...(expires === undefined ? [] : ['Expires', at(expires)]),
          ...(age === undefined ? [] : ['Age', String(age)]),
        ];
        const directives = responseDirectives(says);
        const arrived = ageOnArrival(fields, now, delay * 1000);
        const known = { directives, lifetime: lifetimeOf({ status: 200, fields, directives }, arrived, 0, now) };
        const lives = sMaxage ?? maxAge ?? (expires === undefined ? 0 : expires - date);
        const isOld = Math.max(-date, (age ?? 0) + delay) + resident;
        expect(reuseOf(known, arrived + resident, requestDirectives(undefined), none) === 'fresh').to.equal(lives > isOld);
      }),
    );
  });
});
