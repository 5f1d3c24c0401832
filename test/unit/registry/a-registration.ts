/** A registration with everything that must be there. */
import type { Registration } from '../../../core/registry/instance.ts';

export function aRegistration(given: Partial<Registration> = {}): Registration {
  return {
    id: 'one',
    idGiven: true,
    app: 'ORDERS',
    hostName: 'host',
    ipAddr: '10.0.0.1',
    status: 'UP',
    overriddenStatus: 'UNKNOWN',
    port: { port: 8080, enabled: true },
    securePort: { port: 8443, enabled: false },
    countryId: 1,
    dataCenterInfo: { name: 'MyOwn' },
    renewalInterval: 30,
    leaseDuration: 90,
    metadata: {},
    lastDirtyTimestamp: 1,
    ...given,
  };
}
