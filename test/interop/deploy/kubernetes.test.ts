/** The Helm chart and the plain manifests: rendered, held against Kubernetes' own schemas, and asked whom they let in. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { openBench } from '../support/bench.ts';
import { run } from '../support/program.ts';
import { chart, helm, manifestOf as of, renderChart } from './chart.ts';
import { admits, faultsOf, type Manifest, manifestsIn, type Pod } from './cluster.ts';

const root = join(import.meta.dirname, '../../..');
const examples = join(root, 'deploy/kubernetes/values.yaml');

/** With an embedded registry, everything for the Prometheus operator, a balancer in front, and nobody allowed in but the gateways. */
const everything = {
  config: {
    services: { users: { registry: 'eureka' } },
    private: { callers: { pods: { from: ['10.244.0.0/16'] } }, drain: { grace: '1m', deadline: '1500ms' } },
    registry: { embedded: {} },
  },
  public: { service: { type: 'LoadBalancer', port: 443, loadBalancerSourceRanges: ['203.0.113.0/24'] }, podAnnotations: { team: 'edge' } },
  private: {
    env: [{ name: 'LEVEL', value: 'info' }],
    volumes: [{ name: 'tls', secret: { secretName: 'tls' } }],
    volumeMounts: [{ name: 'tls', mountPath: '/tls' }],
  },
  monitoring: { podMonitor: { enabled: true }, rules: { enabled: true }, dashboards: { enabled: true } },
  networkPolicy: { private: [], admin: [], registry: [] },
};

interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly automountServiceAccountToken: boolean;
  readonly containers: readonly { readonly name: string; readonly args: readonly string[]; readonly env: readonly object[] }[];
}

describe('in Kubernetes', () => {
  const bench = openBench();
  const rendered: Record<string, readonly Manifest[]> = {};
  after(() => bench.clear());

  const podOf = (manifest: Manifest) => (manifest.spec as { template: { spec: PodSpec } }).template.spec;

  before(async () => {
    rendered['defaults'] = await renderChart(bench);
    rendered['examples'] = await renderChart(bench, await readFile(examples, 'utf8'));
    rendered['everything'] = await renderChart(bench, everything);
    const [, readme = ''] = /```yaml\n(.*?)```/s.exec(await readFile(join(chart, 'README.md'), 'utf8')) ?? [];
    rendered['its README'] = await renderChart(bench, readme);
  });

  it('the chart is what helm lint takes', async () => {
    const { code, output } = await run(helm, ['lint', '--strict', chart, '--values', examples]);
    expect(code, output).to.equal(0);
  });

  for (const name of ['defaults', 'examples', 'everything', 'its README']) {
    it(`its manifests are what Kubernetes' schemas take: ${name}`, () => {
      expect(rendered[name]?.flatMap(faultsOf)).to.deep.equal([]);
    });

    it(`both gateways take the configuration that it makes: ${name}`, async () => {
      const config = of(rendered[name] ?? [], 'ConfigMap', 'postern').data?.['postern.yaml'] ?? '';
      const file = await bench.file('postern.yaml', config);
      for (const gateway of ['public', 'private']) {
        const env = { ADMIN_TOKEN: 'the-token-of-this-test' };
        const { code, output } = await run(process.execPath, [join(root, `${gateway}-gateway/main.ts`), 'check', '-c', file], { env });
        expect(code, output).to.equal(0);
      }
    });
  }

  it('the plain manifests are those of the chart, and kustomize builds them', async () => {
    const plain = join(root, 'deploy/kubernetes');
    expect(manifestsIn(await readFile(join(plain, 'manifests.yaml'), 'utf8'))).to.deep.equal(rendered['examples']);
    const { code, output } = await run('kubectl', ['kustomize', plain]);
    expect(code, output).to.equal(0);
    const built = manifestsIn(output);
    expect(built.map(({ kind }) => kind).sort()).to.deep.equal(
      ['Namespace', ...(rendered['examples'] ?? []).map(({ kind }) => kind)].sort(),
    );
    expect(built.flatMap(faultsOf)).to.deep.equal([]);
  });

  it('every pod is one that the restricted profile admits', async () => {
    for (const [name, manifests] of Object.entries(rendered)) {
      const file = await bench.file('manifests.json', JSON.stringify(manifests));
      expect(await run(join(import.meta.dirname, '../.cache/bin/podsecurity'), [file]), name).to.deep.equal({
        code: 0,
        output: '2 pods are restricted',
      });
    }
  });

  it('a pod is given the time that its gateway may take to drain', () => {
    expect(podOf(of(rendered['examples'] ?? [], 'Deployment', 'postern-public')).terminationGracePeriodSeconds).to.equal(10 + 30 + 10);
    expect(podOf(of(rendered['everything'] ?? [], 'StatefulSet', 'postern-private')).terminationGracePeriodSeconds).to.equal(60 + 2 + 10);
  });

  it('a gateway may ask the API server only where its services come from there, and only for what it asks', () => {
    const roles = (manifests: readonly Manifest[] = []) =>
      manifests.filter(({ kind }) => kind === 'Role').map(({ metadata }) => metadata.namespace);
    expect(roles(rendered['examples'])).to.deep.equal(['shop']);
    expect(podOf(of(rendered['examples'] ?? [], 'Deployment', 'postern-public')).automountServiceAccountToken).to.equal(true);
    expect(roles(rendered['everything'])).to.deep.equal([]);
    expect(podOf(of(rendered['everything'] ?? [], 'Deployment', 'postern-public')).automountServiceAccountToken).to.equal(false);
  });

  it('each pod of an embedded registry is the peer of the others, by its name', () => {
    const config = of(rendered['everything'] ?? [], 'ConfigMap', 'postern').data?.['postern.yaml'];
    for (const index of [0, 1]) {
      expect(config?.split(`- http://postern-private-${index}.postern-private-peers.gateways.svc:8761/eureka\n`)).to.have.length(3);
    }
    expect(of(rendered['everything'] ?? [], 'Service', 'postern-private-peers').spec).to.include({
      clusterIP: 'None',
      publishNotReadyAddresses: true,
    });
  });

  describe('nobody gets in who should not', () => {
    const gateway = (section: string): Pod => ({
      namespace: 'gateways',
      labels: {
        'app.kubernetes.io/name': 'postern',
        'app.kubernetes.io/instance': 'postern',
        'app.kubernetes.io/component': `${section}-gateway`,
      },
    });
    const pod = (namespace: string): Pod => ({ namespace, labels: { app: 'some' } });
    const internet = '198.51.100.7';
    const asks = (name: string, from: Pod | string, section: string, port: string) =>
      admits(rendered[name] ?? [], gateway(section), from, port);

    it('the internet reaches the public gateway, and nothing else', () => {
      for (const name of Object.keys(rendered)) {
        for (const address of [internet, '2001:db8::7']) {
          expect(asks(name, address, 'public', 'http'), name).to.equal(true);
          for (const [section, port] of [
            ['public', 'admin'],
            ['private', 'http'],
            ['private', 'admin'],
            ['private', 'registry'],
          ] as const) {
            expect(asks(name, address, section, port), `${name} ${section} ${port}`).to.equal(false);
          }
        }
      }
    });

    it('the private gateway is reached by the pods that are named, by default those of its namespace', () => {
      expect(asks('examples', pod('shop'), 'private', 'http')).to.equal(true);
      expect(asks('examples', pod('other'), 'private', 'http')).to.equal(false);
      expect(asks('defaults', pod('gateways'), 'private', 'http')).to.equal(true);
      expect(asks('defaults', pod('shop'), 'private', 'http')).to.equal(false);
    });

    it('the admin ports are reached by Prometheus alone', () => {
      for (const section of ['public', 'private']) {
        expect(asks('defaults', pod('monitoring'), section, 'admin')).to.equal(true);
        for (const other of [pod('gateways'), pod('shop'), gateway('public')])
          expect(asks('defaults', other, section, 'admin')).to.equal(false);
      }
    });

    it('the gateways see each other where they share a token, and are told nothing else of the pair', () => {
      const configOf = (name: string) => of(rendered[name] ?? [], 'ConfigMap', 'postern').data?.['postern.yaml'] ?? '';
      for (const [section, other, port] of [
        ['public', 'private', 9081],
        ['private', 'public', 9080],
      ] as const) {
        expect(asks('examples', gateway(other), section, 'admin')).to.equal(true);
        expect(asks('examples', gateway(section), section, 'admin')).to.equal(false);
        expect(asks('examples', pod('gateways'), section, 'admin')).to.equal(false);
        expect(configOf('examples')).to.contain(`peer: http://postern-${other}-admin.gateways.svc:${port}`);
        const [container] = podOf(of(rendered['examples'] ?? [], 'Deployment', `postern-${section}`)).containers;
        expect(container?.env).to.deep.include({
          name: 'ADMIN_TOKEN',
          valueFrom: { secretKeyRef: { name: 'postern-admin', key: 'ADMIN_TOKEN' } },
        });
      }
      expect(configOf('examples').match(/token: \$\{ADMIN_TOKEN\}/g)).to.have.length(2);
      expect(configOf('defaults').match(/peer: false/g)).to.have.length(2);
      expect(configOf('defaults')).to.not.contain('token');
    });

    it('the registry is reached by the gateways where nobody else is named', () => {
      for (const section of ['public', 'private']) expect(asks('everything', gateway(section), 'private', 'registry')).to.equal(true);
      expect(asks('everything', pod('gateways'), 'private', 'registry')).to.equal(false);
    });

    it('an empty list is nobody, not everybody', () => {
      for (const from of [pod('gateways'), pod('monitoring'), internet]) {
        expect(asks('everything', from, 'private', 'http')).to.equal(false);
        expect(asks('everything', from, 'private', 'admin')).to.equal(false);
      }
    });

    it('no Service but that of the pair has an admin port, and none but the public one leads outside', () => {
      for (const manifests of Object.values(rendered)) {
        for (const { kind, metadata, spec } of manifests) {
          if (kind !== 'Service') continue;
          const { type = 'ClusterIP', ports } = spec as { type?: string; ports: readonly { targetPort: string }[] };
          if (metadata.name.endsWith('-admin')) expect(spec).to.include({ clusterIP: 'None' });
          else expect(ports.map(({ targetPort }) => targetPort)).not.to.include('admin');
          if (metadata.name !== 'postern-public') expect(type).to.equal('ClusterIP');
        }
      }
    });
  });

  describe('the values are refused', () => {
    for (const [what, values, says] of [
      ['that would publish the private gateway', { private: { service: { type: 'LoadBalancer' } } }, "additional properties 'type'"],
      [
        'that would let the world in',
        { networkPolicy: { private: [{ ipBlock: { cidr: '0.0.0.0/0' } }] } },
        '/networkPolicy/private/0/ipBlock/cidr',
      ],
      ['with which no probe could ask', { config: { public: { admin: { host: '127.0.0.1' } } } }, '/config/public/admin/host'],
      ['that nothing reads', { replicas: 3 }, "additional properties 'replicas'"],
    ] as const) {
      it(what, async () => {
        const failure = await renderChart(bench, values).then(() => undefined, String);
        expect(failure).to.contain(says);
      });
    }
  });
});
