import { expect } from 'chai';
import { dnsSource } from '../../../core/registry/dns.ts';
import { createResolver } from '../../../core/registry/resolver.ts';
import type { Source } from '../../../core/registry/source.ts';
import { srvSource } from '../../../core/registry/srv.ts';
import { eventually } from '../../behaviour/support/eventually.ts';
import { testClock } from '../../support/clock.ts';
import { type DnsServer, startDnsServer } from '../../support/dns-server.ts';

describe('endpoints by DNS', () => {
  let server: DnsServer;
  let source: Source | undefined;
  const clock = testClock();
  const parts = { interval: 20, clock, random: () => 0.5 };

  beforeEach(async () => {
    server = await startDnsServer();
  });
  afterEach(async () => {
    source?.stop();
    await server.close();
  });

  const started = (make: typeof dnsSource, name: string): Source => {
    source = make(name, createResolver([server.address]), parts);
    source.start(() => {});
    return source;
  };
  const srv = (target: string, more: object = {}) => ({ priority: 10, weight: 1, port: 8080, target, ...more });
  const origins = () => source?.answer?.map(({ origin }) => origin);
  const become = (wanted: readonly string[]) => eventually(origins, (now) => JSON.stringify(now) === JSON.stringify(wanted));

  it('are the addresses of both families, and follow them', async () => {
    server.records.set('search.internal', ['10.0.0.2', '10.0.0.1', 'fd00::7']);
    started(dnsSource, 'search.internal:9200');
    await become(['http://10.0.0.1:9200', 'http://10.0.0.2:9200', 'http://[fd00::7]:9200']);
    server.records.set('search.internal', ['10.0.0.2']);
    await become(['http://10.0.0.2:9200']);
    server.records.set('search.internal', ['fd00::8']);
    await become(['http://[fd00::8]:9200']);
  });

  it('are called by HTTPS under the name that was asked for, where it says so', async () => {
    server.records.set('search.internal', ['10.0.0.1']);
    server.records.set('target.internal', ['10.0.0.2']);
    server.records.set('_https._tcp.search.internal', [srv('target.internal', { port: 8443 })]);
    const said = () => eventually(() => source?.answer?.[0], Boolean);
    started(dnsSource, 'https://search.internal');
    expect(await said()).to.deep.equal({ origin: 'https://10.0.0.1', weight: 1, serverName: 'search.internal' });
    source?.stop();
    started(srvSource, '_https._tcp.search.internal');
    expect(await said()).to.include({ origin: 'https://10.0.0.2:8443', serverName: 'search.internal' });
  });

  it('are kept while no server answers, and when the name is gone; it says since when', async () => {
    server.records.set('search.internal', ['10.0.0.1']);
    const { answer } = started(dnsSource, 'search.internal:9200');
    expect(answer).to.equal(undefined);
    await become(['http://10.0.0.1:9200']);
    const { records } = server;
    const [name, none, astray] = ['search.internal', [], ['alias']];
    for (const gone of [() => records.delete(name), () => records.set(name, none), () => records.set(name, astray)]) {
      gone();
      const failure = await eventually(
        () => source?.failure,
        (now) => now !== undefined,
      );
      expect(failure?.since).to.equal(clock.now());
      expect(origins()).to.deep.equal(['http://10.0.0.1:9200']);
      server.records.set('search.internal', ['10.0.0.1']);
      await eventually(
        () => source?.failure,
        (now) => now === undefined,
      );
    }
    server.trouble = 'servfail';
    const failure = await eventually(
      () => source?.failure,
      (now) => now !== undefined,
    );
    expect(failure?.why).to.contain('SERVFAIL');
    expect(origins()).to.deep.equal(['http://10.0.0.1:9200']);
  });

  it('ask no more once stopped', async () => {
    server.trouble = 'silent';
    let told = 0;
    source = dnsSource('search.internal:9200', createResolver([server.address]), parts);
    source.start(() => {
      told += 1;
    });
    await eventually(
      () => server.asked,
      (asked) => asked > 0,
    );
    source.stop();
    server.trouble = 'none';
    server.records.set('search.internal', ['10.0.0.1']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).to.equal(0);
    expect(source.answer).to.equal(undefined);
  });

  it('by SRV have ports, weights and priorities; a target without an address is left out', async () => {
    server.records.set('_http._tcp.search.internal', [
      srv('a.internal', { weight: 3 }),
      srv('b.internal', { weight: 0, port: 8081 }),
      srv('spare.internal', { priority: 20 }),
    ]);
    server.records.set('a.internal', ['10.0.0.1', '10.0.0.2']);
    server.records.set('b.internal', ['10.0.0.3']);
    server.records.set('spare.internal', ['10.0.0.9']);
    started(srvSource, '_http._tcp.search.internal');
    await eventually(
      () => source?.answer?.length,
      (count) => count === 4,
    );
    const told = source?.answer?.map(({ origin, weight, priority }) => [origin, weight, priority]);
    expect(told).to.have.deep.members([
      ['http://10.0.0.1:8080', 150, 10],
      ['http://10.0.0.2:8080', 150, 10],
      ['http://10.0.0.3:8081', 1, 10],
      ['http://10.0.0.9:8080', 100, 20],
    ]);
    server.records.set('a.internal', ['broken']);
    server.records.set('b.internal', ['10.0.0.4']);
    await become(['http://10.0.0.1:8080', 'http://10.0.0.2:8080', 'http://10.0.0.4:8081', 'http://10.0.0.9:8080']);
    server.records.delete('a.internal');
    server.records.delete('b.internal');
    await become(['http://10.0.0.9:8080']);
    server.records.set('_http._tcp.search.internal', [srv('')]);
    await eventually(
      () => source?.failure?.why,
      (why) => why === '_http._tcp.search.internal has no target',
    );
    expect(origins()).to.deep.equal(['http://10.0.0.9:8080']);
  });
});
