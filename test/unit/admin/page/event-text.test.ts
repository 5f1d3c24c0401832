import { expect } from 'chai';
import { event } from '../../../../core/admin/readers.ts';

const { eventOf } = await import(String(new URL('../../../../core/admin/page/event-text.js', import.meta.url)));

describe('an event as the page reads it', () => {
  it('is what the gateway wrote, whatever stands in a name', () => {
    for (const name of ['ada', '\u2028', '\u2029', '\r\n\n', '\u0000\u001b[31m', '\u202eright to left', '__proto__', 'data: x'])
      expect(eventOf(event('state', { who: [{ name }] }).slice(0, -2)), JSON.stringify(name)).to.deep.equal({
        name: 'state',
        data: { who: [{ name }] },
      });
  });

  it('is none where it has no name or no data', () => {
    for (const text of [': ', '', 'event: state', 'data: {}']) expect(eventOf(text)).to.equal(undefined);
  });
});
