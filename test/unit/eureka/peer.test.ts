import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { Peer } from '../../../core/eureka/peer.ts';
import { type Action, PeerQueue } from '../../../core/eureka/peer-queue.ts';
import { PeerWire } from '../../../core/eureka/peer-wire.ts';
import { Registry } from '../../../core/registry/registry.ts';
import type { Logger } from '../../../core/telemetry/logger.ts';
import { eventually } from '../../behaviour/support/eventually.ts';
import { type TestClock, testClock } from '../../support/clock.ts';
import { startUpstream, type Upstream } from '../../support/upstream.ts';
import { aRegistration } from '../registry/a-registration.ts';

type Item = Readonly<Record<string, unknown>>;
/** Answers a batch: with a status for each of its items, or in any other way. */
type Answer = (batch: readonly Item[], res: ServerResponse) => readonly unknown[] | undefined;

const limits = { tasks: 1_000, changes: 1_000, batch: 250, delay: 0, maxTime: 30_000 };

describe('a peer', () => {
  let server: Upstream;
  let clock: TestClock;
  let registry: Registry;
  let peer: Peer;
  let batches: Item[][];
  let heads: IncomingMessage[];
  let answer: Answer;
  let logged: Record<string, unknown>[];
  const everyone =
    (statusCode: number): Answer =>
    (batch) =>
      batch.map(() => ({ statusCode }));

  const start = (url: string) => {
    const log = (record: Record<string, unknown>) => logged.push(record);
    const logger = { info: log, warn: log, error: log } as unknown as Logger;
    peer = new Peer({ url, wire: new PeerWire(url, 'me'), queue: new PeerQueue(limits), registry, clock, logger });
  };
  beforeEach(async () => {
    [batches, heads, logged, answer] = [[], [], [], everyone(200)];
    clock = testClock();
    registry = new Registry({ clock, random: () => 0, strict: false });
    server = await startUpstream(async (req, res) => {
      const { replicationList } = JSON.parse(await text(req)) as { replicationList: Item[] };
      batches.push(replicationList);
      heads.push(req);
      const responseList = answer(replicationList, res);
      if (responseList) res.end(JSON.stringify({ responseList }));
    });
    start(`${server.url}/eureka/v2/`);
  });
  afterEach(async () => {
    peer.close();
    await server.close();
  });

  const tell = (action: Action, id = 'one') => peer.tell({ action, app: 'ORDERS', id });
  const actions = () => batches.map((batch) => batch.map(({ action, id }) => `${action} ${id}`));

  it('is told in the words of Eureka, each instance as it is by then', async () => {
    registry.register(aRegistration({ lastDirtyTimestamp: 7 }));
    tell('Register');
    peer.tell({ action: 'StatusUpdate', app: 'ORDERS', id: 'one', status: 'DOWN' });
    tell('Heartbeat');
    tell('Cancel', 'two');
    registry.override('ORDERS', 'one', 'OUT_OF_SERVICE');
    await peer.flush();
    registry.removeOverride('ORDERS', 'one', 'STARTING');
    tell('DeleteStatusOverride');
    await peer.flush();
    const common = { appName: 'ORDERS', id: 'one', lastDirtyTimestamp: 7, status: 'OUT_OF_SERVICE' };
    const [register, ...others] = batches.flat();
    expect(others).to.deep.equal([
      { ...common, action: 'StatusUpdate', overriddenStatus: 'OUT_OF_SERVICE' },
      { ...common, action: 'Heartbeat', overriddenStatus: 'OUT_OF_SERVICE' },
      { action: 'Cancel', appName: 'ORDERS', id: 'two' },
      { ...common, action: 'DeleteStatusOverride', status: 'STARTING' },
    ]);
    expect(register).to.deep.include({ ...common, action: 'Register' });
    expect(register?.['instanceInfo']).to.deep.include({ instanceId: 'one', app: 'ORDERS', overriddenStatus: 'OUT_OF_SERVICE' });
    expect([heads[0]?.method, heads[0]?.url]).to.deep.equal(['POST', '/eureka/v2/peerreplication/batch/']);
    expect(heads[0]?.headers).to.include({ accept: 'application/json', 'x-netflix-discovery-replication': 'true' });
    expect(peer.state).to.deep.include({ queued: 0, sent: 5, dropped: 0, failingSince: undefined });
  });

  it('is not told of one that is gone meanwhile, but that it is', async () => {
    registry.register(aRegistration());
    tell('Register');
    registry.cancel('ORDERS', 'one');
    await peer.flush();
    expect(batches).to.deep.equal([]);
    tell('Cancel');
    await peer.flush();
    expect(actions()).to.deep.equal([['Cancel one']]);
  });

  it('has what is under way to it counted as queued, until it has taken it', async () => {
    answer = (batch) => {
      expect(peer.state).to.deep.include({ queued: 2, sent: 0 });
      return batch.map(() => ({ statusCode: 200 }));
    };
    tell('Cancel');
    tell('Cancel', 'two');
    await peer.flush();
    expect(peer.state).to.deep.include({ queued: 0, sent: 2 });
  });

  it('that does not know an instance is sent it, once', async () => {
    registry.register(aRegistration());
    answer = everyone(404);
    tell('Heartbeat');
    tell('Cancel', 'two');
    await peer.flush();
    expect(actions()).to.deep.equal([['Heartbeat one', 'Cancel two'], ['Register one']]);
    expect(peer.state).to.deep.include({ queued: 0, sent: 1, dropped: 1 });
  });

  it('that knows a newer one is believed, but of that one only', async () => {
    const newer = { ...aRegistration(), instanceId: 'one', hostName: 'newer', overriddenStatus: 'OUT_OF_SERVICE', lastDirtyTimestamp: '9' };
    registry.register(aRegistration());
    for (const responseEntity of [
      { ...newer, instanceId: 'two' },
      { ...newer, app: 'USERS' },
      { ...newer, hostName: 7, ipAddr: {} },
      'x',
    ]) {
      answer = () => [{ statusCode: 409, responseEntity }];
      tell('Heartbeat');
      await peer.flush();
    }
    expect(registry.leases().map(({ instance: { id, hostName } }) => [id, hostName])).to.deep.equal([['one', 'host']]);
    expect(peer.state).to.deep.include({ sent: 0, dropped: 4 });
    answer = () => [{ statusCode: 409, responseEntity: newer }];
    tell('Heartbeat');
    await peer.flush();
    expect(registry.find('ORDERS', 'one')?.instance).to.deep.include({
      hostName: 'newer',
      status: 'OUT_OF_SERVICE',
      overriddenStatus: 'OUT_OF_SERVICE',
      lastDirtyTimestamp: 9,
    });
    expect(peer.state).to.deep.include({ sent: 1, dropped: 4 });
  });

  for (const status of [503, 429, 307]) {
    it(`that is busy (${status}) is told the same again, and what is new since`, async () => {
      answer = (_batch, res) => void res.writeHead(status).end();
      tell('Cancel');
      await peer.flush();
      expect(peer.state).to.deep.include({ queued: 1, sent: 0, dropped: 0, failingSince: clock.epoch() });
      answer = everyone(200);
      clock.advance(1_000);
      tell('Cancel', 'two');
      await eventually(
        () => peer.state.sent,
        (sent) => sent === 2,
      );
      expect(actions().at(-1)).to.deep.equal(['Cancel one', 'Cancel two']);
      expect(peer.state.failingSince).to.equal(undefined);
      expect(logged.map(({ event }) => event)).to.deep.equal(['registry-peer-failing', 'registry-peer-answers']);
    });
  }

  it('that was not there is told what it missed, but for heartbeats that others follow', async () => {
    answer = (_batch, res) => void res.destroy();
    registry.register(aRegistration());
    tell('Heartbeat');
    peer.tell({ action: 'Cancel', app: 'ORDERS', id: 'two', lastDirtyTimestamp: 7 });
    await peer.flush();
    expect(peer.state).to.deep.include({ queued: 2, sent: 0, dropped: 0, failingSince: clock.epoch() });
    answer = everyone(200);
    clock.advance(3_600_000);
    await peer.flush();
    expect(batches.at(-1)).to.deep.equal([{ action: 'Cancel', appName: 'ORDERS', id: 'two', lastDirtyTimestamp: 7 }]);
    expect(peer.state).to.deep.include({ queued: 0, sent: 1, dropped: 1, failingSince: undefined });
  });

  it('is told of an override as it is by then', async () => {
    registry.register(aRegistration());
    peer.tell({ action: 'StatusUpdate', app: 'ORDERS', id: 'one', status: 'DOWN' });
    registry.override('ORDERS', 'one', 'OUT_OF_SERVICE');
    peer.tell({ action: 'StatusUpdate', app: 'ORDERS', id: 'two', status: 'DOWN' });
    await peer.flush();
    expect(batches.flat().map(({ status, overriddenStatus }) => [status, overriddenStatus])).to.deep.equal([
      ['OUT_OF_SERVICE', 'OUT_OF_SERVICE'],
    ]);
  });

  it('that refuses, or says what nobody can make sense of, is not told the same again', async () => {
    const senseless: Answer[] = [
      (_batch, res) => void res.writeHead(403).end('No caller is configured for 10.0.0.7\n'),
      (_batch, res) => void res.writeHead(500).end(),
      (_batch, res) => void res.end('<html>'),
      (_batch, res) => void res.end('null'),
      () => [],
      () => [null],
      () => [{ statusCode: { valueOf: 1, toString: 1 } }],
      () => [{ statusCode: '200' }],
      everyone(400),
    ];
    for (const [at, each] of senseless.entries()) {
      answer = each;
      tell('Cancel');
      // Past the pause after a refusal.
      clock.advance(2_000);
      tell('Cancel');
      await eventually(
        () => peer.state.dropped,
        (dropped) => dropped === at + 1,
      );
    }
    expect(peer.state).to.deep.include({ queued: 0, sent: 0 });
    expect(logged[0]).to.deep.include({ event: 'registry-peer-failing', why: 'answered 403: No caller is configured for 10.0.0.7' });
  });

  it('is sent no request larger than it reads', async () => {
    const large = 'x'.repeat(60_000);
    for (let id = 0; id < 40; id += 1) {
      registry.register(aRegistration({ id: `i${id}`, homePageUrl: large }));
      tell('Register', `i${id}`);
    }
    await peer.flush();
    expect(batches.flat()).to.have.length(40);
    for (const head of heads) expect(Number(head.headers['content-length'])).to.be.lessThan(2 * 1024 * 1024);
    expect(batches.length).to.equal(3);
  });

  it('that is the registry itself is told nothing, but asked now and then whether it still is', async () => {
    answer = (_batch, res) => void res.writeHead(421, { 'discoveryidentity-id': 'me' }).end();
    tell('Cancel');
    await peer.flush();
    expect(heads[0]?.headers['discoveryidentity-id']).to.equal('me');
    clock.advance(299_999);
    tell('Cancel', 'two');
    await peer.flush();
    expect(batches).to.have.length(1);
    expect(peer.state).to.deep.include({ queued: 0, failingSince: undefined, itself: true });
    expect(logged.map(({ event }) => event)).to.deep.equal(['registry-peer-is-itself']);
    answer = everyone(200);
    clock.advance(1);
    tell('Cancel', 'three');
    await peer.flush();
    expect(peer.state).to.deep.include({ queued: 0, sent: 1, itself: false });
  });

  it('is not taken for the registry itself by the 421 of anybody else', async () => {
    answer = (_batch, res) => void res.writeHead(421).end();
    tell('Cancel');
    await peer.flush();
    expect(peer.state).to.deep.include({ queued: 1, failingSince: clock.epoch(), itself: false });
    answer = everyone(200);
    await peer.flush();
    expect(peer.state).to.deep.include({ queued: 0, sent: 1, failingSince: undefined });
  });
});
