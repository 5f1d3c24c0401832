import { expect } from 'chai';
import fc from 'fast-check';
import { type Detail, instanceDocument } from '../../../core/eureka/document.ts';
import { joined } from '../../../core/eureka/parts.ts';
import { type Form, Texts } from '../../../core/eureka/texts.ts';
import { writeXml } from '../../../core/eureka/xml.ts';
import { type InstanceStatus, statuses } from '../../../core/registry/instance.ts';
import { Registry } from '../../../core/registry/registry.ts';
import { testClock } from '../../support/clock.ts';
import { aRegistration } from '../registry/a-registration.ts';

const heading = { version: 7, hashCode: 'UP_1_' };

/** The whole document at once, of which nothing is kept. */
function written(registry: Registry, form: Form, detail: Detail): string {
  const application = Array.from(
    Map.groupBy(registry.leases(), ({ instance }) => instance.app),
    ([name, leases]) => ({ name, instance: leases.map((lease) => instanceDocument(lease, detail)) }),
  );
  const document = { applications: { versions__delta: '7', apps__hashcode: 'UP_1_', application } };
  return form === 'json' ? JSON.stringify(document) : writeXml(document);
}

describe('the text of all applications', () => {
  const kinds = (['json', 'xml'] as const).flatMap((form) => (['full', 'compact'] as const).map((detail) => ({ form, detail })));

  it('is that of the document, whatever happened since the last', () => {
    const step = fc.record({
      op: fc.constantFrom('register', 'renew', 'cancel', 'override', 'metadata'),
      app: fc.constantFrom('ORDERS', 'Ü"<&'),
      id: fc.constantFrom('a', 'b', 'c'),
      status: fc.constantFrom<InstanceStatus>(...statuses),
      text: fc.constantFrom('', 'x', '"leaseInfo":{', '</instance>&', 'ö\u{1f600}'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const clock = testClock();
        const registry = new Registry({ clock, random: Math.random, strict: false });
        const texts = kinds.map(({ form, detail }) => new Texts(form, detail));
        for (const { op, app, id, status, text } of steps) {
          clock.advance(1_000);
          if (op === 'register')
            registry.register(aRegistration({ app, id, status, ...(text ? { metadata: { [text]: text }, sid: text } : {}) }));
          if (op === 'renew') registry.renew(app, id);
          if (op === 'cancel') registry.cancel(app, id);
          if (op === 'override') registry.override(app, id, status);
          if (op === 'metadata') registry.addMetadata(app, id, { text });
          for (const [at, { form, detail }] of kinds.entries())
            expect(joined(texts[at]?.applications(registry.leases(), heading) ?? []).toString(), `${form} ${detail}`).to.equal(
              written(registry, form, detail),
            );
        }
      }),
      { numRuns: 50 },
    );
  });
});
