/** What a cluster would make of manifests: whether its schemas take them, and whom its NetworkPolicies let in. */
import { readFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import { readOpenApi } from '../kubernetes/openapi.ts';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels };
  readonly spec: unknown;
  readonly data?: Readonly<Record<string, string>>;
}

type Labels = Readonly<Record<string, string>>;

export function manifestsIn(text: string): readonly Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0) throw new AggregateError(document.errors, 'The manifests cannot be read.');
    const value = document.toJS() as Manifest | null;
    return value === null ? [] : [value];
  });
}

/** Where the schema of an object is: the OpenAPI document of its group, and its name there. */
const documents: Readonly<Record<string, readonly [file: string, group: string]>> = {
  v1: ['api__v1_openapi.json', 'core.v1'],
  'apps/v1': ['apis__apps__v1_openapi.json', 'apps.v1'],
  'autoscaling/v2': ['apis__autoscaling__v2_openapi.json', 'autoscaling.v2'],
  'networking.k8s.io/v1': ['apis__networking.k8s.io__v1_openapi.json', 'networking.v1'],
  'policy/v1': ['apis__policy__v1_openapi.json', 'policy.v1'],
  'rbac.authorization.k8s.io/v1': ['apis__rbac.authorization.k8s.io__v1_openapi.json', 'rbac.v1'],
};
const read = new Map<string, ReturnType<typeof readOpenApi>>();

/** What the published schema of its kind says against an object. */
export function faultsOf(manifest: Manifest): readonly string[] {
  const [file, group] = documents[manifest.apiVersion] ?? [];
  if (file === undefined) return faultsOfCustom(manifest);
  const openApi = read.get(file) ?? readOpenApi(file);
  read.set(file, openApi);
  return openApi.faultsOf(`${group}.${manifest.kind}`, manifest);
}

/** Of the kinds that the Prometheus operator brings. */
function faultsOfCustom({ apiVersion, kind, ...rest }: Manifest): readonly string[] {
  const file = join(import.meta.dirname, `../.cache/schemas/monitoring.coreos.com_${kind.toLowerCase()}s.yaml`);
  const { spec } = parse(readFileSync(file, 'utf8'));
  const version = spec.versions.find(({ name }: { name: string }) => apiVersion === `${spec.group}/${name}`);
  const schema = closed(version.schema.openAPIV3Schema);
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  return ajv.validate(schema, { apiVersion, kind, ...rest }) ? [] : [`${kind}: ${ajv.errorsText()}`];
}

/** The API server drops what a schema does not name; here that is a fault. A pattern of Go's that JavaScript has not is left out. */
function closed(schema: unknown): object {
  const text = JSON.stringify(schema, (key, value) => {
    if (key === 'pattern' && String(value).includes('(?i)')) return undefined;
    const open = value === schema || !value?.properties || value.additionalProperties || value['x-kubernetes-preserve-unknown-fields'];
    return open ? value : { additionalProperties: false, ...value };
  });
  return JSON.parse(text);
}

export interface Pod {
  readonly namespace: string;
  readonly labels: Labels;
}

interface Selector {
  readonly matchLabels?: Labels;
}

interface PolicySpec {
  readonly podSelector: Selector;
  readonly ingress?: readonly {
    readonly from?: readonly { podSelector?: Selector; namespaceSelector?: Selector; ipBlock?: { cidr: string } }[];
    readonly ports?: readonly { readonly port: string | number }[];
  }[];
}

/**
 * Whether the policies let a connection in, by the rules of networking.k8s.io/v1: a pod that no policy selects takes everybody's.
 *
 * @param from a pod, or an address outside the cluster @param port by the name that policies use
 */
export function admits(manifests: readonly Manifest[], to: Pod, from: Pod | string, port: string): boolean {
  const policies = manifests.filter(
    ({ kind, metadata, spec }) =>
      kind === 'NetworkPolicy' && metadata.namespace === to.namespace && selects((spec as PolicySpec).podSelector, to.labels),
  );
  if (policies.length === 0) return true;
  return policies.some(({ metadata, spec }) =>
    ((spec as PolicySpec).ingress ?? []).some(({ from: peers = [], ports = [] }) => {
      const byPort = ports.length === 0 || ports.some((one) => one.port === port);
      const byPeer = peers.length === 0 || peers.some((peer) => isPeer(peer, from, metadata.namespace));
      return byPort && byPeer;
    }),
  );
}

function isPeer(
  { podSelector, namespaceSelector, ipBlock }: { podSelector?: Selector; namespaceSelector?: Selector; ipBlock?: { cidr: string } },
  from: Pod | string,
  namespace: string | undefined,
): boolean {
  if (typeof from === 'string') return ipBlock !== undefined && contains(ipBlock.cidr, from);
  if (ipBlock !== undefined) return false;
  const there = namespaceSelector
    ? selects(namespaceSelector, { 'kubernetes.io/metadata.name': from.namespace })
    : from.namespace === namespace;
  return there && (podSelector === undefined || selects(podSelector, from.labels));
}

function contains(cidr: string, address: string): boolean {
  const [network = '', bits = ''] = cidr.split('/');
  const family = (ip: string) => (ip.includes(':') ? 'ipv6' : 'ipv4');
  if (family(network) !== family(address)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family(network));
  return list.check(address, family(address));
}

function selects({ matchLabels = {} }: Selector, labels: Labels): boolean {
  return Object.entries(matchLabels).every(([name, value]) => labels[name] === value);
}
