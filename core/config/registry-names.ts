/** What `services.NAME.name` may be in DNS and in Kubernetes, taken apart; null where it is no such name. */

export interface DnsName {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
}

export interface SrvName {
  readonly scheme: 'http' | 'https';
  /** The name of the records, such as `_https._tcp.search.internal`. */
  readonly record: string;
  /** Whose service it is, such as `search.internal`. */
  readonly domain: string;
}

export interface KubernetesName {
  readonly namespace: string | undefined;
  readonly service: string;
  /** The name or the number of a port. */
  readonly port: string | undefined;
}

const HOST = '[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\\.?';
const DNS = new RegExp(`^(?:(https?)://)?(${HOST})(?::(\\d{1,5}))?$`);
const SRV = new RegExp(`^(?:(https?)://)?((_[A-Za-z0-9-]+)\\._[a-z]+\\.(${HOST}))$`);
const KUBERNETES = /^(?:([a-z0-9-]+)\/)?([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?::([a-z0-9-]+))?$/;

/** `search.internal:9200`, `https://search.internal:9200`; with a scheme the port may be the scheme's own. */
export function parseDnsName(text: string): DnsName | null {
  const [, scheme, host, digits] = DNS.exec(text) ?? [];
  const port = Number(digits ?? { http: 80, https: 443 }[scheme ?? '']);
  if (host === undefined || !(port >= 1 && port <= 65535)) return null;
  return { scheme: scheme === 'https' ? 'https' : 'http', host, port };
}

/** `_http._tcp.search.internal`, `_https._tcp.search.internal`, `https://_search._tcp.search.internal`. */
export function parseSrvName(text: string): SrvName | null {
  const [, scheme, record, label, domain] = SRV.exec(text) ?? [];
  if (record === undefined || domain === undefined) return null;
  const secure = scheme === undefined ? label?.toLowerCase() === '_https' : scheme === 'https';
  return { scheme: secure ? 'https' : 'http', record, domain };
}

/** `orders`, `shop/orders`, `shop/orders:http`, `orders:8080`. */
export function parseKubernetesName(text: string): KubernetesName | null {
  const [, namespace, service, port] = KUBERNETES.exec(text) ?? [];
  return service === undefined ? null : { namespace, service, port };
}
