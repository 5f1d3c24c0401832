import { expect } from 'chai';
import { parseDnsName, parseKubernetesName, parseSrvName } from '../../../core/config/registry-names.ts';

describe('names in a registry', () => {
  it('of DNS are a host and a port, perhaps with a scheme', () => {
    expect(parseDnsName('search.internal:9200')).to.deep.equal({ scheme: 'http', host: 'search.internal', port: 9200 });
    expect(parseDnsName('http://search.internal')).to.deep.equal({ scheme: 'http', host: 'search.internal', port: 80 });
    expect(parseDnsName('https://search.internal')).to.deep.equal({ scheme: 'https', host: 'search.internal', port: 443 });
    expect(parseDnsName('https://search.internal.:9200')).to.deep.equal({ scheme: 'https', host: 'search.internal.', port: 9200 });
    for (const none of [
      'search',
      'search:0',
      'search:65536',
      ':80',
      'ftp://search:21',
      'https://search:9200/',
      'https://a@search:1',
      '-a:1',
      '',
    ])
      expect(parseDnsName(none), none).to.equal(null);
  });

  it('of SRV records say by their service or by a scheme that they are of HTTPS', () => {
    const record = '_http._tcp.search.internal';
    expect(parseSrvName(record)).to.deep.equal({ scheme: 'http', record, domain: 'search.internal' });
    expect(parseSrvName('_HTTPS._tcp.search.internal')).to.include({ scheme: 'https', domain: 'search.internal' });
    expect(parseSrvName('https://_es._tcp.search.internal')).to.include({ scheme: 'https', record: '_es._tcp.search.internal' });
    expect(parseSrvName('http://_https._tcp.search.internal')).to.include({ scheme: 'http' });
    for (const none of ['search.internal', '_http.search.internal', '_http._tcp.', 'https://_es._tcp.search.internal:1', ''])
      expect(parseSrvName(none), none).to.equal(null);
  });

  it('of Kubernetes are a Service, perhaps of a namespace, perhaps with a port', () => {
    expect(parseKubernetesName('orders')).to.deep.equal({ namespace: undefined, service: 'orders', port: undefined });
    expect(parseKubernetesName('shop/orders:http')).to.deep.equal({ namespace: 'shop', service: 'orders', port: 'http' });
    expect(parseKubernetesName('orders:8080')).to.deep.equal({ namespace: undefined, service: 'orders', port: '8080' });
    for (const none of ['Orders', 'orders.shop', '/orders', 'a/b/c', 'orders:', '-orders', ''])
      expect(parseKubernetesName(none), none).to.equal(null);
  });
});
