import { expect } from 'chai';
import fc from 'fast-check';
import { EventReader } from '../../../core/registry/event-stream.ts';

describe('server-sent events', () => {
  const read = (text: string, longest = 1_000) => new EventReader(longest).take(Buffer.from(text));

  it('have a name and data of one or several lines; comments and other fields are passed over', () => {
    expect(
      read(': beat\n\nevent: ready\nid: 7\ndata: {"a":\ndata: 1}\n\ndata:x\r\n\r\nretry: 5\n\nevent: none\n\ndata: half'),
    ).to.deep.equal([
      { event: 'ready', data: '{"a":\n1}' },
      { event: 'message', data: 'x' },
    ]);
  });

  it('are the same however the bytes are cut', () => {
    const event = fc.record({ event: fc.constantFrom('ready', 'change'), data: fc.string({ unit: 'grapheme', minLength: 1 }) });
    const plain = event.filter(({ data }) => !/[\r\n]/.test(data));
    fc.assert(
      fc.property(fc.array(plain, { maxLength: 8 }), fc.array(fc.nat(200), { maxLength: 20 }), (events, cuts) => {
        const bytes = Buffer.from(events.map(({ event: name, data }) => `event: ${name}\ndata: ${data}\n\n`).join(''));
        const reader = new EventReader(1_000);
        const places = [0, ...cuts.filter((at) => at < bytes.length).toSorted((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(chunks.flatMap((chunk) => reader.take(chunk))).to.deep.equal(events);
      }),
    );
  });

  it('are refused when one is too long, in a line or in many', () => {
    expect(() => read(`data: ${'x'.repeat(100)}`, 50)).to.throw('longer than 50');
    expect(() => read('data: xxxxxxxx\n'.repeat(10), 50)).to.throw('longer than 50');
    expect(read('data: xxxxxxxx\n\n'.repeat(10), 50)).to.have.length(10);
  });
});
