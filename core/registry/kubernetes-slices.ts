/** The endpoints in a Service's EndpointSlices (discovery.k8s.io/v1): a model of lists and watch events, without HTTP. */
import { isIP } from 'node:net';
import { originAt } from './addresses.ts';
import { type Fields, fieldsOf, listOf } from './fields.ts';
import type { Discovered } from './source.ts';

/** Slices and endpoints together. */
const MOST = 20_000;
/** Characters of a zone: the name of a label's value, which has 63 at most. */
const LONGEST = 256;

/** One address in a slice. */
interface Entry {
  readonly discovered: Discovered;
  readonly family: 4 | 6;
  /** Whose address it is; a pod of a dual-stack Service has one in slices of each family. */
  readonly pod: string | undefined;
  /** It finishes what it has, and is not to be given more. */
  readonly terminating: boolean;
}

export interface SlicesParts {
  /** The name or the number of a port; without one the first of each slice. */
  readonly port: string | undefined;
  /** The name that certificates must have. */
  readonly serverName: string;
  /** Is told of what is no address, and left out. */
  readonly onRefused: (address: string, slice: string) => void;
}

export class EndpointSlices {
  readonly #parts: SlicesParts;
  /** By name. */
  readonly #slices = new Map<string, readonly Entry[]>();
  /** Slices and endpoints together. */
  #count = 0;
  /** Endpoints by the family of their address. */
  readonly #families = { 4: 0, 6: 0 };
  /** From where a watch goes on. */
  resourceVersion = '';

  constructor(parts: SlicesParts) {
    this.#parts = parts;
  }

  /** Whether there are addresses of both families. */
  get dual(): boolean {
    return this.#families[4] > 0 && this.#families[6] > 0;
  }

  /**
   * Each address once, and each pod by one family. Those that terminate are used only where all do: kube-proxy does the same
   * (KEP-1669).
   *
   * @param first the family by which a pod is called that has both
   */
  endpoints(first: 4 | 6): readonly Discovered[] {
    const all = [...this.#slices.values()].flat();
    const living = all.filter(({ terminating }) => !terminating);
    const usable = living.length > 0 ? living : all;
    return [...byOrigin(this.dual ? oncePerPod(usable, first) : usable).values()];
  }

  /**
   * Takes in one part of a list.
   *
   * @returns the token of the next part, empty where this was the last
   * @throws when it is no EndpointSliceList, or more than can be held
   */
  add(list: unknown): string {
    const { items, metadata } = fieldsOf(list);
    const { resourceVersion, continue: next } = fieldsOf(metadata);
    if (!Array.isArray(items) || typeof resourceVersion !== 'string') throw new Error('the answer is no list of EndpointSlices');
    for (const slice of items) this.#set(slice);
    this.resourceVersion = resourceVersion;
    return typeof next === 'string' ? next : '';
  }

  /**
   * @returns whether the endpoints may have changed
   * @throws when there are more than can be held
   */
  event(event: unknown): boolean {
    const { type, object } = fieldsOf(event);
    const version = fieldsOf(fieldsOf(object)['metadata'])['resourceVersion'];
    if (typeof version === 'string') this.resourceVersion = version;
    if (type === 'DELETED') this.#delete(nameOf(object));
    else if (type === 'ADDED' || type === 'MODIFIED') this.#set(object);
    else return false;
    return true;
  }

  #delete(name: string): void {
    this.#countIn(this.#slices.get(name), -1);
    this.#slices.delete(name);
  }

  #set(slice: unknown): void {
    const name = nameOf(slice);
    const entries = this.#entriesOf(slice, name);
    this.#countIn(this.#slices.get(name), -1);
    this.#countIn(entries, 1);
    this.#slices.set(name, entries);
    if (this.#count > MOST) throw new Error(`the Service has more than ${MOST} endpoints`);
  }

  #countIn(slice: readonly Entry[] | undefined, sign: 1 | -1): void {
    if (!slice) return;
    this.#count += sign * (1 + slice.length);
    for (const { family } of slice) this.#families[family] += sign;
  }

  #entriesOf(slice: unknown, name: string): readonly Entry[] {
    const { endpoints, ports, addressType } = fieldsOf(slice);
    const wanted = listOf(ports).map(fieldsOf).find(this.#isWanted, this);
    const port = Number(wanted?.['port']);
    if (!wanted || !(port >= 1 && port <= 65535) || addressType === 'FQDN') return [];
    const scheme = schemeOf(wanted);
    const serverName = scheme === 'https' ? this.#parts.serverName : undefined;
    return listOf(endpoints).flatMap((endpoint): Entry[] => {
      const { addresses, conditions, zone, hints, targetRef } = fieldsOf(endpoint);
      const { ready, serving, terminating } = fieldsOf(conditions);
      // An unknown condition is a good one, and consumers take the first address alone (EndpointSlice API reference).
      if (terminating === true ? serving === false : ready === false) return [];
      const address: unknown = listOf(addresses)[0];
      const family = typeof address === 'string' && !address.includes('%') ? isIP(address) : 0;
      if (family !== 4 && family !== 6) {
        this.#parts.onRefused(String(address), name);
        return [];
      }
      const origin = originAt(address as string, port, scheme);
      const discovered = { origin, weight: 1, zone: zoneOf(zone, hints), serverName };
      return [{ discovered, family, pod: podOf(targetRef), terminating: terminating === true }];
    });
  }

  #isWanted({ name, port, protocol }: Fields): boolean {
    if (typeof protocol === 'string' && protocol !== 'TCP') return false;
    return this.#parts.port === undefined || name === this.#parts.port || String(port) === this.#parts.port;
  }
}

/** Those of the family that comes first, and of the other those whose pod has none. */
function oncePerPod(entries: readonly Entry[], first: 4 | 6): readonly Entry[] {
  const preferred = entries.filter(({ family }) => family === first);
  const pods = new Set(preferred.map(({ pod }) => pod));
  return [...preferred, ...entries.filter(({ family, pod }) => family !== first && (pod === undefined || !pods.has(pod)))];
}

function byOrigin(entries: readonly Entry[]): ReadonlyMap<string, Discovered> {
  const found = new Map<string, Discovered>();
  for (const { discovered } of entries) if (!found.has(discovered.origin)) found.set(discovered.origin, discovered);
  return found;
}

function nameOf(slice: unknown): string {
  return String(fieldsOf(fieldsOf(slice)['metadata'])['name']);
}

/** By `appProtocol`, and where that is not said by the name of the port. */
function schemeOf({ name, appProtocol }: Fields): 'http' | 'https' {
  const protocol = typeof appProtocol === 'string' && appProtocol !== '' ? appProtocol : name;
  return typeof protocol === 'string' && /^(https(-.*)?|kubernetes\.io\/wss)$/i.test(protocol) ? 'https' : 'http';
}

/** The zone that is to use it, as the cluster spreads its traffic; otherwise the one where it is. */
function zoneOf(zone: unknown, hints: unknown): string | undefined {
  const hinted = fieldsOf(listOf(fieldsOf(hints)['forZones'])[0])['name'];
  return [hinted, zone].find((one) => typeof one === 'string' && one !== '' && one.length <= LONGEST) as string | undefined;
}

function podOf(targetRef: unknown): string | undefined {
  const { uid, kind, namespace, name } = fieldsOf(targetRef);
  if (typeof uid === 'string' && uid !== '') return uid;
  return typeof name === 'string' ? [kind, namespace, name].join('/') : undefined;
}
