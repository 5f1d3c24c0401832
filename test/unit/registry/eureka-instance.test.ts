import { expect } from 'chai';
import { ChangeStream } from '../../../core/eureka/change-stream.ts';
import { joined } from '../../../core/eureka/parts.ts';
import { readRegistration } from '../../../core/eureka/registration.ts';
import { Texts } from '../../../core/eureka/texts.ts';
import { Applications } from '../../../core/registry/eureka-applications.ts';
import { instanceOf } from '../../../core/registry/eureka-instance.ts';
import { Registry } from '../../../core/registry/registry.ts';
import { testClock } from '../../support/clock.ts';

describe('an instance as Eureka writes it', () => {
  it('has its own id, or its name at Amazon, or its host', () => {
    const amazon = { name: 'Amazon', metadata: { 'instance-id': 'i-1' } };
    const idOf = (more: object) => instanceOf({ app: 'orders', status: 'UP', hostName: 'host', ...more }, undefined)?.id;
    expect([idOf({ instanceId: 'own', dataCenterInfo: amazon }), idOf({ dataCenterInfo: amazon }), idOf({})]).to.deep.equal([
      'own',
      'i-1',
      'host',
    ]);
    for (const dataCenterInfo of [null, 'x', { metadata: 7 }, { metadata: { 'instance-id': {} } }])
      expect(idOf({ dataCenterInfo })).to.equal('host');
  });

  it('goes by the id by which it came, whatever that is', () => {
    const registry = new Registry({ clock: testClock(), random: () => 0, strict: false });
    const changes = new ChangeStream(registry);
    const events = changes.join('127.0.0.1');
    const base = { hostName: '10.0.0.1', app: 'X', ipAddr: '10.0.0.1', status: 'UP', port: { $: 80, '@enabled': 'true' } };
    for (const more of [
      { instanceId: 'own', dataCenterInfo: { name: 'MyOwn' } },
      { dataCenterInfo: { name: 'MyOwn' } },
      { dataCenterInfo: { name: 'Amazon', metadata: { 'instance-id': 'i-1' } } },
    ]) {
      const registration = readRegistration({ instance: { ...base, ...more } }, 1);
      registry.register(registration);
      const copy = new Applications();
      const list = new Texts('json', 'full').applications(registry.leases(), { version: 1, hashCode: registry.hashCode });
      copy.full(JSON.parse(joined(list).toString()), 0, false);
      expect(copy.endpoints('X', 0)).to.have.length(1);
      registry.cancel('X', registration.id);
      const told = Array.from({ length: 3 }, () => String(events?.read() ?? '')).join('');
      const [, last = ''] = [...told.matchAll(/^data: (.*)$/gm)].at(-1) ?? [];
      const { instance, actionType } = JSON.parse(last) as { instance: unknown; actionType: unknown };
      copy.change(instance, actionType);
      expect([copy.endpoints('X', 0), copy.hashcode()], registration.id).to.deep.equal([[], '']);
    }
    changes.close();
  });
});
