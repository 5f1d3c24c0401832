import { expect } from 'chai';
import { uuid } from '../../../core/middleware/uuid.ts';

describe('uuid', () => {
  it('is one of version 4, and another each time', () => {
    const made = Array.from({ length: 2_000 }, uuid);
    for (const one of made) expect(one).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(made).size).to.equal(made.length);
  });

  it('leaves no digit to anything but chance', () => {
    const made = Array.from({ length: 2_000 }, uuid);
    const chosen = made.map((one) => one.replaceAll('-', ''));
    for (let at = 0; at < 32; at += 1) {
      const digits = new Set(chosen.map((one) => one[at]));
      expect(digits.size, `digit ${at}`).to.equal(at === 12 ? 1 : at === 16 ? 4 : 16);
    }
  });
});
