import { expect } from 'chai';
import { Problem } from '../../../core/problem.ts';
import { createStatistics, endpointKey } from '../../../core/telemetry/statistics.ts';

const answered = { status: 200, problem: undefined, bytesIn: 1, bytesOut: 10, milliseconds: 4 };
const request = (route: string | undefined, principal?: string) => ({ ...answered, route, principal });

describe('Statistics', () => {
  it('has what is slowest by its 99th percentile, as many as are asked for', () => {
    const statistics = createStatistics('users', 0);
    for (const [route, milliseconds] of [
      ['fast', 1],
      ['slow', 100],
      ['middling', 10],
      ['fast', 2],
    ] as const)
      statistics.request({ ...request(route), milliseconds }, 10);
    statistics.request({ ...request('open'), status: 101, milliseconds: undefined }, 10);
    expect(statistics.report('10s', 2, 10).slowest.map(({ name }) => name)).to.deep.equal(['slow', 'middling']);
    expect(statistics.report('10s', 2, 10).routes.map(({ name }) => name)).to.deep.equal(['fast', 'middling', 'open', 'slow']);
  });

  it('tells nothing of services and endpoints to who does not want them', () => {
    const statistics = createStatistics('users', 0);
    statistics.request(request('orders'), 10);
    statistics.call('orders', 'users', answered, false, 10);
    statistics.attempt(endpointKey('orders', '[::1]:4001'), answered, 10);
    const { services, endpoints, ...rest } = statistics.report('10s', 20, 10, false);
    expect([services, endpoints]).to.deep.equal([[], []]);
    const { services: _, endpoints: __, ...same } = statistics.report('10s', 20, 10);
    expect(rest).to.deep.equal(same);
  });

  it('tells endpoints of one address apart by their service', () => {
    const statistics = createStatistics('users', 0);
    for (const service of ['orders', 'search']) statistics.attempt(endpointKey(service, '[::1]:4001'), answered, 10);
    const told = statistics.report('10s', 20, 10).endpoints.map(({ service, endpoint, requests }) => [service, endpoint, requests]);
    expect(told).to.deep.equal([
      ['orders', '[::1]:4001', 1],
      ['search', '[::1]:4001', 1],
    ]);
  });

  it('keeps of a name only so much', () => {
    const statistics = createStatistics('users', 0);
    statistics.request(request('orders', 'x'.repeat(100_000)), 10);
    statistics.request(request('orders', '\u{1f600}'.repeat(1_000)), 10);
    const report = statistics.report('10s', 20, 10);
    expect('users' in report && report.users.map(({ name }) => name.length)).to.deep.equal([128, 128]);
    expect(JSON.parse(JSON.stringify(report))).to.deep.equal(report);
  });

  it('forgets routes and services that are there no more, with their windows', () => {
    const statistics = createStatistics('callers', 0);
    const call = (name: string, now: number) => {
      statistics.request(request(name, 'shop'), now);
      statistics.call(name, 'shop', answered, false, now);
      statistics.attempt(endpointKey(name, 'a:1'), answered, now);
    };
    call('old', 10);
    call('new', 120_000);
    const names = (window: '1m' | '5m', now: number) => {
      const { routes, services, endpoints, traffic } = statistics.report(window, 20, now);
      return [routes, services]
        .map((all) => all.map(({ name }) => name))
        .concat([endpoints, traffic].map((all) => all.map(({ service }) => service)));
    };
    expect(names('5m', 120_000)).to.deep.equal(Array.from({ length: 4 }, () => ['new', 'old']));
    expect(names('1m', 120_000)).to.deep.equal(Array.from({ length: 4 }, () => ['new']));
    expect(names('5m', 360_000)).to.deep.equal(Array.from({ length: 4 }, () => ['new']));
    expect(names('5m', 600_000)).to.deep.equal(Array.from({ length: 4 }, () => []));
  });

  it('says what may be missing of a user once there are too many to keep apart, and has the busiest right', () => {
    const statistics = createStatistics('users', 0);
    let sent = 0;
    const come = (user: string) => {
      sent += 1;
      statistics.request(request('orders', user), sent / 10);
    };
    for (let stranger = 0; stranger < 40_000; stranger += 1) {
      come(`stranger ${stranger}`);
      if (stranger % 20 === 0) come('ada');
      if (stranger % 25 === 0) come('bob');
    }
    for (const window of ['10s', '1m', '5m'] as const) {
      const report = statistics.report(window, 3, sent / 10);
      if (!('users' in report)) throw new Error('these are no callers');
      const [ada, bob] = report.users;
      expect(ada?.name).to.equal('ada');
      expect(bob?.name).to.equal('bob');
      expect(report.users).to.have.length(3);
      expect((ada?.requests ?? 0) / report.total.requests).to.be.closeTo(5 / 109, 0.0005);
      expect(report.usersLack)
        .to.be.above(0)
        .and.below(report.total.requests / 400);
      expect(ada).to.deep.include({ statuses: { '2xx': ada?.requests }, bytesOut: (ada?.requests ?? 0) * 10, p50: 4 });
    }
  });

  it('keeps no more of names than there is room for, whatever there are', () => {
    const statistics = createStatistics('callers', 0);
    const no = { ...answered, status: 503, problem: new Problem('circuit-open') };
    for (let nth = 0; nth < 12_000; nth += 1) {
      statistics.request(request(`route ${nth}`, `caller ${nth}`), 10);
      statistics.call(`service-${nth}`, `caller ${nth}`, no, true, 10);
      statistics.attempt(endpointKey(`service-${nth}`, 'a:1'), no, 10);
    }
    const report = statistics.report('10s', 20, 10);
    if (!('callers' in report)) throw new Error('these are no users');
    const { total, routes, services, endpoints, callers, traffic } = report;
    expect(total.requests).to.equal(12_000);
    expect([routes, services, endpoints, callers, traffic].map(({ length }) => length)).to.deep.equal([5_000, 5_000, 5_000, 1_000, 10_000]);
    expect(traffic[0]).to.deep.include({ requests: 1, errors: 1 });
  });
});
