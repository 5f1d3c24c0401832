import { expect } from 'chai';
import { sizeOf } from '../../../core/eureka/parts.ts';
import { Texts } from '../../../core/eureka/texts.ts';
import type { Registration } from '../../../core/registry/instance.ts';
import { Registry } from '../../../core/registry/registry.ts';
import { testClock } from '../../support/clock.ts';
import { aRegistration } from './a-registration.ts';

/** Bytes that a gateway reads of a list. */
const READ = 64 * 1024 * 1024;

describe('the capacity of a registry', () => {
  it('is one that every gateway can still read, whatever it is filled with', () => {
    const fillings: ((at: number) => Partial<Registration>)[] = [
      (at) => ({ id: `${at}`, app: 'A', metadata: { text: '\u4e16"\\\n'.repeat(6_500) } }),
      (at) => ({ id: `${at}`, app: `${at}`.padEnd(256, '\u4e16'), idGiven: true }),
    ];
    for (const [which, filling] of fillings.entries()) {
      const registry = new Registry({ clock: testClock(), random: Math.random, strict: false });
      for (let at = 0; registry.register(aRegistration(filling(at))) === 'taken'; at += 1);
      const size = sizeOf(new Texts('json', 'full').applications(registry.leases(), { version: 1, hashCode: registry.hashCode }));
      expect(size, `filling ${which}`).to.be.below(READ);
      expect(size, `filling ${which}`).to.be.above(READ / 2);
    }
  });
});
