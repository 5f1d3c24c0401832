import { expect } from 'chai';

const { Pair } = await import(String(new URL('../../../../core/admin/page/model.js', import.meta.url)));
const { routeRows, endpointRows } = await import(String(new URL('../../../../core/admin/page/rows.js', import.meta.url)));
const { radiusOf, pathOf } = await import(String(new URL('../../../../core/admin/page/drawing.js', import.meta.url)));
const { circuitOf, figure, levelOf, shareOf, time } = await import(
  String(new URL('../../../../core/admin/page/words.js', import.meta.url))
);

const service = (more: object = {}) => ({ circuit: 'closed', rate: 2, failures: 1, endpoints: {}, ...more });
const state = (gateway: string, at: number, more: object = {}) => ({
  gateway,
  at,
  services: { orders: service() },
  routes: { orders: { match: '* /orders…', service: 'orders', access: 'anonymous' } },
  ...more,
});

describe('what the page knows of the pair', () => {
  it('is the own gateway and its peer, the public one on the left', () => {
    const pair = new Pair();
    pair.take('state', state('private-gateway', 10_000));
    pair.take('peer', { gateway: 'public-gateway', url: 'http://peer', standing: { is: 'asked' } });
    expect(pair.own.name).to.equal('private-gateway');
    expect(pair.gateways.map(({ name }: { name: string }) => name)).to.deep.equal(['public-gateway', 'private-gateway']);
  });

  it('follows changes, and forgets a peer that is away', () => {
    const pair = new Pair();
    pair.take('state', state('public-gateway', 10_000));
    pair.take('change', { gateway: 'public-gateway', at: 11_000, services: { orders: { forced: 'open' }, stock: service() } });
    expect(pair.own.state.services.orders.forced).to.equal('open');
    pair.take('change', { gateway: 'public-gateway', services: { orders: { forced: null } } });
    expect(pair.own.state.services.orders).to.deep.equal(service());
    pair.take('state', state('private-gateway', 10_000));
    pair.take('peer', { gateway: 'private-gateway', url: 'http://peer', standing: { is: 'away', since: 1, why: 'gone' } });
    expect(pair.find('private-gateway').state).to.equal(undefined);
    expect(pair.find('private-gateway').standing.why).to.equal('gone');
  });

  it('has the lines that the gateway remembers, whatever was missed meanwhile', () => {
    const pair = new Pair();
    pair.take('state', state('public-gateway', 10_000));
    const history = { every: 2_000, until: 3_600_000, services: { orders: { rates: [4, 5], failures: [0, 1] } } };
    pair.take('state', { ...state('public-gateway', 3_600_500), history });
    expect(pair.own.lines.get('orders')).to.deep.equal({ rates: [4, 5], failures: [0, 1] });
    expect(pair.own.total).to.deep.equal({ rates: [4, 5], failures: [0, 1] });
  });

  it('goes on with its lines by a clock that was set back', () => {
    const pair = new Pair();
    pair.take('state', state('public-gateway', 3_600_000));
    for (const at of [1_000, 3_000, 5_000]) pair.take('change', { gateway: 'public-gateway', at });
    expect(pair.own.lines.get('orders').rates).to.deep.equal([2, 2, 2, 2]);
  });

  it('has a total of what its lines are of, before as after', () => {
    const pair = new Pair();
    const history = { every: 2_000, until: 10_000, services: { orders: { rates: [2], failures: [1] } } };
    pair.take('state', { ...state('public-gateway', 10_500, { total: { rate: 9 } }), history });
    pair.take('change', { gateway: 'public-gateway', at: 12_000 });
    expect(pair.own.total.rates).to.deep.equal([2, 2]);
  });

  it('has lines from what the gateway remembers on, with gaps where nothing was heard', () => {
    const pair = new Pair();
    const history = { every: 2_000, until: 10_000, services: { orders: { rates: [1, 2, 3], failures: [0, 0, 1] } } };
    pair.take('state', { ...state('public-gateway', 10_500), history });
    expect(pair.own.lines.get('orders').rates).to.deep.equal([1, 2, 3]);
    expect(pair.own.total.rates).to.deep.equal([1, 2, 3]);
    pair.take('change', { gateway: 'public-gateway', at: 12_000 });
    expect(pair.own.lines.get('orders').rates).to.deep.equal([1, 2, 3, 2]);
    pair.take('change', { gateway: 'public-gateway', at: 18_000 });
    expect(pair.own.lines.get('orders').rates).to.deep.equal([1, 2, 3, 2, 0, 0, 2]);
    expect(pair.own.lines.get('orders').failures.at(-1)).to.equal(1);
  });
});

describe('the rows of the tables', () => {
  const pair = new Pair();
  pair.take('state', {
    ...state('public-gateway', 1),
    routes: {
      orders: { match: 'GET /orders…', service: 'orders', access: 'anonymous', rate: 2, p99: 9 },
      'route-10': { match: '* /x', service: 'stock', access: 'any user', rate: 5, errors: 3 },
      'route-9': { match: '* /y', service: 'stock', access: 'any user' },
    },
    services: { orders: service({ endpoints: { 'a:1': { state: 'up' }, 'b:1': { state: 'ejected', zone: 'eu-1' } } }) },
  });
  const names = (rows: { name: string }[]) => rows.map(({ name }) => name);
  const view = { filter: '', sort: 'name', gateway: '' };

  it('are sorted as they are asked for, numbers in names as numbers', () => {
    expect(names(routeRows(pair.gateways, view))).to.deep.equal(['orders', 'route-9', 'route-10']);
    expect(names(routeRows(pair.gateways, { ...view, sort: 'busy' }))).to.deep.equal(['route-10', 'orders', 'route-9']);
    expect(names(routeRows(pair.gateways, { ...view, sort: 'errors' }))[0]).to.equal('route-10');
    expect(names(routeRows(pair.gateways, { ...view, sort: 'slow' }))[0]).to.equal('orders');
    expect(names(endpointRows(pair.gateways, { ...view, sort: 'trouble' }))).to.deep.equal(['b:1', 'a:1']);
  });

  it('are those in which every word is found', () => {
    expect(names(routeRows(pair.gateways, { ...view, filter: 'STOCK any' }))).to.deep.equal(['route-9', 'route-10']);
    expect(names(endpointRows(pair.gateways, { ...view, filter: 'eu-1' }))).to.deep.equal(['b:1']);
    expect(routeRows(pair.gateways, { ...view, gateway: 'private-gateway' })).to.deep.equal([]);
  });
});

describe('figures and states', () => {
  it('are written as short as they are read', () => {
    expect([0, 1.234, 12.34, 123.4, 4321, 12_345, 2_500_000].map(figure)).to.deep.equal([
      '0',
      '1.23',
      '12.3',
      '123',
      '4\u202f321',
      '12.3 k',
      '2.5 M',
    ]);
    expect([undefined, 0.25, 12.5, 250.4, 1234, 12_345].map((value) => time(value))).to.deep.equal([
      '–',
      '0.25 ms',
      '12.5 ms',
      '250 ms',
      '1.23 s',
      '12.3 s',
    ]);
  });

  it('tell a forced circuit from one that opened, and what is bad from what is quiet', () => {
    expect(circuitOf({ circuit: 'open' })).to.deep.equal({ words: 'Open', state: 'bad' });
    expect(circuitOf({ circuit: 'closed', forced: 'open' })).to.deep.equal({ words: 'Forced open', state: 'bad' });
    expect(circuitOf({ circuit: 'open', forced: 'closed' })).to.deep.equal({ words: 'Forced closed', state: 'out' });
    expect([levelOf(0, false), levelOf(0.5, true), levelOf(5, true), levelOf(50, true)]).to.deep.equal(['quiet', 'good', 'out', 'bad']);
    expect([shareOf({ rate: 0, failures: 0 }), shareOf({ rate: 4, failures: 1 })]).to.deep.equal([0, 25]);
  });

  it('are drawn larger the more comes, within the drawing', () => {
    const radii = [0, 1, 10, 100, 1e9].map((rate) => radiusOf(rate) as number);
    expect([...radii].sort((a, b) => a - b)).to.deep.equal(radii);
    expect(radii.at(-1)).to.be.below(30);
    expect(pathOf([1, 2], 2)).to.equal('M58 12.5L59 1');
  });
});
