/** The endpoints in a Service's EndpointSlices (discovery.k8s.io/v1): a model of lists and watch events, without HTTP. */
import { originAt } from './addresses.ts';
import { fieldsOf } from './fields.ts';
import type { Discovered } from './source.ts';

export class EndpointSlices {
  /** By name. */
  #slices = new Map<string, readonly Discovered[]>();
  readonly #port: string | undefined;
  /** From where a watch goes on. */
  resourceVersion = '';

  /** @param port the name or the number of a port; without one the first of each slice */
  constructor(port: string | undefined) {
    this.#port = port;
  }

  /** Each address once. */
  get endpoints(): readonly Discovered[] {
    const found = new Map<string, Discovered>();
    for (const slice of this.#slices.values()) for (const one of slice) if (!found.has(one.origin)) found.set(one.origin, one);
    return [...found.values()];
  }

  /** @throws when it is no EndpointSliceList */
  list(list: unknown): void {
    const { items, metadata } = fieldsOf(list);
    const version = fieldsOf(metadata)['resourceVersion'];
    if (!Array.isArray(items) || typeof version !== 'string') throw new Error('the answer is no list of EndpointSlices');
    this.#slices = new Map(items.map((slice) => [nameOf(slice), this.#endpointsOf(slice)]));
    this.resourceVersion = version;
  }

  /**
   * @returns whether the endpoints may have changed
   * @throws when the server ends the watch, such as for a version that it has forgotten (410)
   */
  event(event: unknown): boolean {
    const { type, object } = fieldsOf(event);
    if (type === 'ERROR') throw new Error(`the watch ended: ${String(fieldsOf(object)['message'] ?? 'no reason given')}`);
    const version = fieldsOf(fieldsOf(object)['metadata'])['resourceVersion'];
    if (typeof version === 'string') this.resourceVersion = version;
    if (type === 'DELETED') this.#slices.delete(nameOf(object));
    else if (type === 'ADDED' || type === 'MODIFIED') this.#slices.set(nameOf(object), this.#endpointsOf(object));
    else return false;
    return true;
  }

  #endpointsOf(slice: unknown): readonly Discovered[] {
    const { endpoints, ports, addressType } = fieldsOf(slice);
    const wanted = (Array.isArray(ports) ? ports : [])
      .map(fieldsOf)
      .find(({ name, port }) => this.#port === undefined || name === this.#port || String(port) === this.#port);
    const port = Number(wanted?.['port']);
    if (!(port >= 1 && port <= 65535) || addressType === 'FQDN' || !Array.isArray(endpoints)) return [];
    return endpoints.map(fieldsOf).flatMap(({ addresses, conditions, zone }) => {
      // Consumers take the first address alone, and an unknown readiness for ready (EndpointSlice API reference).
      const address: unknown = Array.isArray(addresses) ? addresses[0] : undefined;
      if (typeof address !== 'string' || fieldsOf(conditions)['ready'] === false) return [];
      const plain = originAt(address, port);
      const origin = wanted?.['appProtocol'] === 'https' ? plain.replace(/^http:/, 'https:') : plain;
      return [{ origin, weight: 1, zone: typeof zone === 'string' ? zone : undefined }];
    });
  }
}

function nameOf(slice: unknown): string {
  return String(fieldsOf(fieldsOf(slice)['metadata'])['name']);
}
