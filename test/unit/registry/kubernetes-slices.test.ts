import { expect } from 'chai';
import { EndpointSlices } from '../../../core/registry/kubernetes-slices.ts';

type Endpoint = Record<string, unknown>;

const pod = (name: string) => ({ kind: 'Pod', namespace: 'shop', name, uid: `uid-of-${name}` });
const slice = (name: string, endpoints: Endpoint[], more: object = {}) => ({
  metadata: { name, resourceVersion: '7' },
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  endpoints,
  ...more,
});

describe('EndpointSlices', () => {
  let refused: string[];
  beforeEach(() => {
    refused = [];
  });

  const listed = (items: object[], port?: string) => {
    const onRefused = (address: string, name: string) => void refused.push(`${address} in ${name}`);
    const slices = new EndpointSlices({ port, serverName: 'orders.shop.svc', onRefused });
    expect(slices.add({ metadata: { resourceVersion: '42' }, items })).to.equal('');
    return slices;
  };
  const origins = (items: object[], { port, first = 4 }: { port?: string; first?: 4 | 6 } = {}) =>
    listed(items, port)
      .endpoints(first)
      .map(({ origin }) => origin);
  const withConditions = (conditions: unknown) => origins([slice('a', [{ addresses: ['10.0.0.1'], conditions }])]).length === 1;

  it('take an unknown condition for a good one', () => {
    for (const conditions of [undefined, null, {}, { ready: null }, { ready: true, serving: true, terminating: false }])
      expect(withConditions(conditions), JSON.stringify(conditions)).to.equal(true);
    expect(withConditions({ ready: false })).to.equal(false);
    expect(withConditions({ ready: false, serving: false, terminating: true })).to.equal(false);
  });

  it('have those that terminate only where all do and still serve', () => {
    const living = { addresses: ['10.0.0.1'], conditions: { ready: true, serving: true, terminating: false } };
    const leaving = { addresses: ['10.0.0.2'], conditions: { ready: false, serving: true, terminating: true } };
    // Services that publish addresses which are not ready call them ready to the end.
    const published = { addresses: ['10.0.0.3'], conditions: { ready: true, serving: true, terminating: true } };
    const gone = { addresses: ['10.0.0.4'], conditions: { ready: true, serving: false, terminating: true } };
    expect(origins([slice('a', [leaving, published, gone]), slice('b', [living])])).to.deep.equal(['http://10.0.0.1:8080']);
    expect(origins([slice('a', [leaving, published, gone])])).to.deep.equal(['http://10.0.0.2:8080', 'http://10.0.0.3:8080']);
  });

  it('have a pod of a dual-stack Service once, by the family that is preferred', () => {
    const both = [
      slice(
        'six',
        [
          { addresses: ['fd00::1'], targetRef: pod('a') },
          { addresses: ['fd00::2'], targetRef: pod('b') },
        ],
        { addressType: 'IPv6' },
      ),
      slice('four', [{ addresses: ['10.0.0.1'], targetRef: pod('a') }, { addresses: ['10.0.0.9'] }]),
    ];
    expect(listed(both).dual).to.equal(true);
    expect(listed(both.slice(1)).dual).to.equal(false);
    expect(origins(both)).to.deep.equal(['http://10.0.0.1:8080', 'http://10.0.0.9:8080', 'http://[fd00::2]:8080']);
    expect(origins(both, { first: 6 })).to.deep.equal(['http://[fd00::1]:8080', 'http://[fd00::2]:8080', 'http://10.0.0.9:8080']);
  });

  it('leave out what is no address, and say so', () => {
    const bad = ['10.0.0.1/24', 'fe80::1%eth0', 'pod.example', '', 7].map((address) => ({ addresses: [address] }));
    expect(origins([slice('a', [...bad, {}, { addresses: ['10.0.0.2'] }])])).to.deep.equal(['http://10.0.0.2:8080']);
    expect(refused).to.include.members(['10.0.0.1/24 in a', 'fe80::1%eth0 in a', 'pod.example in a', ' in a', '7 in a', 'undefined in a']);
    expect(origins([slice('a', [{ addresses: ['pod.example'] }], { addressType: 'FQDN' })])).to.deep.equal([]);
  });

  it('have the port by its name, its number, or the first that TCP has', () => {
    const ports = [
      { name: 'dns', port: 53, protocol: 'UDP' },
      { name: 'metrics', port: 9090, protocol: 'TCP' },
      { name: 'http', port: 8080 },
    ];
    const items = [slice('a', [{ addresses: ['10.0.0.1'] }], { ports })];
    expect(origins(items)).to.deep.equal(['http://10.0.0.1:9090']);
    expect(origins(items, { port: 'http' })).to.deep.equal(['http://10.0.0.1:8080']);
    expect(origins(items, { port: '8080' })).to.deep.equal(['http://10.0.0.1:8080']);
    for (const none of ['dns', '53', 'grpc']) expect(origins(items, { port: none }), none).to.deep.equal([]);
    for (const odd of [null, [], [{ port: null }], [{ port: 0 }], [{ port: 70_000 }], 'http'])
      expect(origins([slice('a', [{ addresses: ['10.0.0.1'] }], { ports: odd })]), JSON.stringify(odd)).to.deep.equal([]);
  });

  it('speak HTTPS by appProtocol, or else by the name of the port, to the name of the Service', () => {
    const found = (port: object) =>
      listed([slice('a', [{ addresses: ['10.0.0.1'] }], { ports: [{ port: 8443, ...port }] })]).endpoints(4)[0];
    for (const port of [{ appProtocol: 'https' }, { appProtocol: 'kubernetes.io/wss' }, { name: 'https' }, { name: 'https-api' }])
      expect(found(port), JSON.stringify(port)).to.include({ origin: 'https://10.0.0.1:8443', serverName: 'orders.shop.svc' });
    for (const port of [{}, { name: 'https', appProtocol: 'http' }, { name: 'httpsomething' }, { appProtocol: 'kubernetes.io/h2c' }])
      expect(found(port), JSON.stringify(port)).to.include({ origin: 'http://10.0.0.1:8443', serverName: undefined });
  });

  it('have the zone that an endpoint is meant for before the one where it is', () => {
    const zones = (endpoint: object) => listed([slice('a', [{ addresses: ['10.0.0.1'], ...endpoint }])]).endpoints(4)[0]?.zone;
    expect(zones({ zone: 'a', hints: { forZones: [{ name: 'b' }] } })).to.equal('b');
    expect(zones({ zone: 'a', hints: { forNodes: [{ name: 'n' }] } })).to.equal('a');
    expect(zones({ hints: null })).to.equal(undefined);
    // Neither would be read again from the file of what was last known.
    for (const odd of ['', 'z'.repeat(257), 7]) expect(zones({ zone: odd })).to.equal(undefined);
    expect(zones({ zone: 'a', hints: { forZones: [{ name: '' }] } })).to.equal('a');
  });

  it('follow events, and hold no more than they can', () => {
    const slices = listed([slice('a', [{ addresses: ['10.0.0.1'] }])]);
    const many = Array.from({ length: 999 }, (_, at) => ({ addresses: [`10.1.${at >> 8}.${at & 255}`] }));
    for (let round = 0; round < 25; round += 1) slices.event({ type: 'MODIFIED', object: slice('a', many) });
    for (let at = 0; at < 19; at += 1) expect(slices.event({ type: 'ADDED', object: slice(`b${at}`, many) })).to.equal(true);
    expect(slices.event({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '99' } } })).to.equal(false);
    expect(slices.resourceVersion).to.equal('99');
    expect(() => slices.event({ type: 'ADDED', object: slice('last', many) })).to.throw('more than 20000');
    for (let at = 0; at < 19; at += 1) slices.event({ type: 'DELETED', object: slice(`b${at}`, []) });
    slices.event({ type: 'DELETED', object: slice('never-there', []) });
    expect(slices.event({ type: 'ADDED', object: slice('c', many) })).to.equal(true);
  });

  it('come in parts, and are nothing else', () => {
    const slices = listed([]);
    expect(
      slices.add({ metadata: { resourceVersion: '43', continue: 'more' }, items: [slice('a', [{ addresses: ['10.0.0.1'] }])] }),
    ).to.equal('more');
    slices.add({ metadata: { resourceVersion: '43' }, items: [slice('b', [{ addresses: ['10.0.0.2'] }])] });
    expect(slices.endpoints(4)).to.have.length(2);
    for (const odd of [null, [], {}, { items: [] }, { metadata: { resourceVersion: 7 }, items: [] }, { metadata: {}, items: {} }])
      expect(() => slices.add(odd), JSON.stringify(odd)).to.throw('no list of EndpointSlices');
    for (const odd of [null, 7, {}, { metadata: null }]) expect(() => slices.event({ type: 'ADDED', object: odd })).not.to.throw();
  });
});
