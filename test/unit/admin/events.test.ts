import { once } from 'node:events';
import { expect } from 'chai';
import { EventStream } from '../../../core/admin/events.ts';
import type { JsonObject } from '../../../core/admin/state-change.ts';
import { EventReader, type ServerSentEvent } from '../../../core/registry/event-stream.ts';

const clock = { now: () => 10_000, epoch: () => 1_800_000_000_000 };

describe('the events of a gateway', () => {
  let state: JsonObject;
  let made: number;
  let stream: EventStream;

  beforeEach(() => {
    state = { gateway: 'public-gateway', at: 1, routes: { orders: { rate: 1 } } };
    made = 0;
    stream = new EventStream({
      clock,
      services: () => [],
      state: () => {
        made += 1;
        return state;
      },
    });
  });
  afterEach(() => stream.close());

  function reader() {
    const events = stream.join('own');
    if (!events) throw new Error('no place');
    const read = (): ServerSentEvent[] => new EventReader(1e6).take(events.read() ?? Buffer.alloc(0));
    return { events, read: () => read().map(({ event, data }) => ({ event, data: JSON.parse(data) })) };
  }

  it('are all of it to who comes, and what changed to who was there; made once for everybody', () => {
    const first = reader();
    first.read();
    stream.turn();
    expect(first.read()).to.have.nested.property('[0].data.routes.orders.rate', 1);
    const second = reader();
    second.read();
    state = { gateway: 'public-gateway', at: 2, routes: { orders: { rate: 1 } } };
    stream.turn();
    expect(first.read()).to.deep.equal([{ event: 'change', data: { gateway: 'public-gateway', at: 2 } }]);
    expect(second.read()).to.have.nested.property('[0].event', 'state');
    expect(made).to.equal(2);
    for (const { events } of [first, second]) events.destroy();
  });

  it('are all of it again to who missed some, however often, and none to who never reads', async () => {
    const slow = reader();
    slow.read();
    stream.turn();
    state = { gateway: 'public-gateway', at: 2 };
    stream.turn();
    stream.turn();
    expect(slow.read(), 'what was there for it').to.have.nested.property('[0].data.at', 1);
    state = { gateway: 'public-gateway', at: 3 };
    stream.turn();
    expect(slow.read()).to.deep.include({
      event: 'state',
      data: { gateway: 'public-gateway', at: 3, history: { every: 2000, until: 0, services: {} } },
    });
    stream.turn();
    const gone = once(slow.events, 'close');
    for (let turn = 0; turn < 20; turn += 1) stream.turn();
    await gone;
    expect(stream.readers).to.equal(0);
  });

  it('are not made for nobody, and begin anew for the next one', async () => {
    stream.turn();
    expect(made).to.equal(0);
    const first = reader();
    first.read();
    stream.turn();
    first.events.destroy();
    await once(first.events, 'close');
    const next = reader();
    next.read();
    stream.turn();
    expect(next.read()).to.have.nested.property('[0].event', 'state');
    next.events.destroy();
  });
});
