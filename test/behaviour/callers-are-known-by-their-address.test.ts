import { expect } from 'chai';
import type { TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('A caller is known by its source address', () => {
  const servers = serversOfThisSuite();
  const start = async (callers: object, listen: object = {}, more: object = {}): Promise<TestGateway> => {
    const upstream = await servers.upstream();
    return servers.private({
      services: { upstream: { endpoints: [upstream.url] } },
      routes: [{ name: 'all', match: { pathPrefix: '/' }, service: 'upstream', expose: { private: { callers: Object.keys(callers) } } }],
      private: { callers, listen, ...more },
    });
  };
  const whoIs = async ({ port }: TestGateway, from: string, headers: Record<string, string> = {}): Promise<unknown> => {
    const answer = await ask(port, '/', { from, headers });
    return answer.status === 200 ? (answer.json()['headers'] as Record<string, string>)['x-gateway-caller'] : answer.json()['code'];
  };

  it('by single addresses and by ranges, and nobody else is let in', async () => {
    const gateway = await start({ orders: { from: ['127.0.0.2'] }, billing: { from: ['127.0.1.0/24', '127.0.2.0/24'] } });
    expect(await whoIs(gateway, '127.0.0.2')).to.equal('orders');
    expect(await whoIs(gateway, '127.0.1.7')).to.equal('billing');
    expect(await whoIs(gateway, '127.0.2.255')).to.equal('billing');
    expect(await whoIs(gateway, '127.0.0.3')).to.equal('unknown-caller');
    expect((await ask(gateway.port, '/', { from: '127.0.0.3' })).status).to.equal(403);
  });

  it('the first caller of the configuration that fits is the one', async () => {
    const gateway = await start({ one: { from: ['127.0.0.2'] }, wide: { from: ['127.0.0.0/8'] }, two: { from: ['127.0.0.3'] } });
    expect(await whoIs(gateway, '127.0.0.2')).to.equal('one');
    expect(await whoIs(gateway, '127.0.0.3')).to.equal('wide');
  });

  it('an IPv4 caller of an IPv6 socket is the IPv4 caller', async () => {
    const gateway = await start({ orders: { from: ['127.0.0.2'] }, mapped: { from: ['::ffff:127.0.0.3'] } }, { host: '::' });
    expect(await whoIs(gateway, '127.0.0.2')).to.equal('orders');
    expect(await whoIs(gateway, '127.0.0.3')).to.equal('mapped');
    expect(await whoIs(gateway, '127.0.0.4')).to.equal('unknown-caller');
  });

  it('by IPv6 ranges', async () => {
    const callers = { near: { from: ['2001:db8:1::/48'] }, single: { from: ['2001:db8:2::1'] } };
    const gateway = await start(callers, {}, { trustedProxies: ['127.0.0.1'] });
    const named = (address: string) => whoIs(gateway, '127.0.0.1', { 'x-forwarded-for': address });
    expect(await named('2001:db8:1:ffff::9')).to.equal('near');
    expect(await named('2001:DB8:0002:0:0:0:0:1')).to.equal('single');
    expect(await named('2001:db8:3::1')).to.equal('unknown-caller');
  });

  it('nobody is believed who names another, but a trusted proxy', async () => {
    const gateway = await start({ orders: { from: ['127.0.0.2'] } }, {}, { trustedProxies: ['127.0.0.9'] });
    const naming = { 'x-forwarded-for': '127.0.0.2', 'x-real-ip': '127.0.0.2', 'x-gateway-caller': 'orders' };
    expect(await whoIs(gateway, '127.0.0.3', naming)).to.equal('unknown-caller');
    expect(await whoIs(gateway, '127.0.0.3', { forwarded: 'for=127.0.0.2' })).to.equal('unknown-caller');
    expect(await whoIs(gateway, '127.0.0.9', naming)).to.equal('orders');
    expect(await whoIs(gateway, '127.0.0.9', { 'x-forwarded-for': '127.0.0.2, 127.0.0.3' })).to.equal('unknown-caller');
  });
});
