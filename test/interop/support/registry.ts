/** The embedded registry of a private gateway: its configuration, and who registers there. */
import { expect } from 'chai';

export interface Given {
  readonly app: string;
  readonly id: string;
  readonly [field: string]: unknown;
}

/** Of a private gateway whose registry listens on a port. @param more of the registry's section */
export const configuration = (port: number, more = ''): string => `
services: {}
routes: []
registry: { embedded: { port: ${port}${more} } }
private:
  listen: { host: 127.0.0.1, port: 0 }
  admin: { host: 127.0.0.1, port: 0 }
  callers: { services: { from: [127.0.0.1] } }
`;

export interface Registry {
  /** Where its page is. */
  readonly home: string;
  call(method: string, path: string, body?: object): Promise<Response>;
  register(given: Given): Promise<Response>;
  /** Many at once, as a peer tells them. */
  replicate(all: readonly Given[], action: 'Register' | 'Heartbeat' | 'Cancel'): Promise<void>;
  everybody(): Promise<Given[]>;
}

export function registryAt(port: number): Registry {
  const home = `http://127.0.0.1:${port}`;
  const registry: Registry = {
    home,
    async call(method, path, body) {
      const init = body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {};
      const response = await fetch(`${home}/eureka${path}`, { method, ...init });
      expect(response.status, `${method} ${path}`).to.be.oneOf([200, 204]);
      return response;
    },
    register: (given) => registry.call('POST', `/apps/${encodeURIComponent(given.app)}`, { instance: document(given) }),
    async replicate(all, action) {
      const items = all.map((given) => ({
        action,
        appName: given.app,
        id: given.id,
        ...(action === 'Register' ? { instanceInfo: document(given) } : {}),
      }));
      for (let at = 0; at < items.length; at += 500)
        await registry.call('POST', '/peerreplication/batch/', { replicationList: items.slice(at, at + 500) });
    },
    async everybody() {
      const { applications } = (await (await fetch(`${home}/eureka/apps`, { headers: { accept: 'application/json' } })).json()) as {
        applications: { application: { name: string; instance: { instanceId: string }[] }[] };
      };
      return applications.application.flatMap(({ name, instance }) => instance.map(({ instanceId: id }) => ({ app: name, id })));
    },
  };
  return registry;
}

const document = ({ app, id, ...more }: Given) => ({
  instanceId: id,
  app,
  hostName: `${app.toLowerCase()}.internal`,
  ipAddr: '10.0.0.1',
  status: 'UP',
  port: { $: 8080, '@enabled': 'true' },
  dataCenterInfo: { name: 'MyOwn' },
  ...more,
});
