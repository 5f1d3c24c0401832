// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is what the configuration has
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { ConfigError, type LoadedConfig, loadConfig, parseConfig, revisionOf } from '../../../core/config/load.ts';

const load = (text: string, environment: NodeJS.ProcessEnv = {}): LoadedConfig => parseConfig(text, { file: 'postern.yaml', environment });

const small = `
services:
  orders: { endpoints: [http://127.0.0.1:4001, { url: http://127.0.0.1:4002 }], timeouts: { connect: 500ms } }
routes:
  - { name: orders, match: { path: /orders }, service: orders, expose: { public: { access: anonymous, rateLimit: 20/m } } }
`;

function refusal(text: string, environment?: NodeJS.ProcessEnv): ConfigError {
  try {
    load(text, environment);
  } catch (problem) {
    if (problem instanceof ConfigError) return problem;
    throw problem;
  }
  throw new Error('the configuration was accepted');
}

describe('loading a configuration', () => {
  it('fills in defaults and converts units', () => {
    const { config } = load(small);
    expect(config.services['orders']).to.deep.equal({
      endpoints: ['http://127.0.0.1:4001', { url: 'http://127.0.0.1:4002', weight: 1 }],
      refresh: 30_000,
      balancer: 'leastRequest',
      timeouts: { connect: 500, attempt: 15_000, request: 30_000, idle: 60_000 },
      // Hystrix's, Envoy's and Zuul's numbers.
      retry: {
        attempts: 1,
        on: ['connect', 'reset', 503],
        methods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'],
        budget: 0.2,
        backoff: { base: 25, max: 250 },
      },
      circuitBreaker: { requestVolume: 20, errorThreshold: 0.5, window: 10_000, sleepWindow: 5_000, countRefusals: false },
      concurrency: { limit: 200, queue: 0, adaptive: false, min: 20, max: 1000 },
      outlier: { consecutiveErrors: 5, interval: 10_000, baseEjection: 30_000, maxEjected: 0.1, panicThreshold: 0.5 },
      host: 'preserve',
    });
    expect(config.routes[0]?.expose.public).to.deep.equal({ access: 'anonymous', rateLimit: { limit: 20, windowMs: 60_000 } });
    expect(config.public.limits.body).to.equal(10 * 1024 ** 2);
    expect(config.telemetry).to.deep.equal({ sampling: 1, accessLog: true });
  });

  it('freezes everything', () => {
    const thawed: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      if (!Object.isFrozen(value)) thawed.push(path);
      for (const [key, inner] of Object.entries(value)) visit(inner, `${path}.${key}`);
    };
    visit(load(small).config, 'config');
    expect(thawed).to.deep.equal([]);
  });

  it('has a service only where one was given', () => {
    expect(load(small).config.services['constructor']).to.equal(undefined);
    expect(
      load(small.replaceAll('orders:', 'constructor:').replace('service: orders', 'service: constructor')).config.services['constructor']
        ?.host,
    ).to.equal('preserve');
  });

  it('writes ranges as ip-range-check understands them', () => {
    const { config } = load(`${small}\npublic: { trustedProxies: [10.0.0.1/8, "::ffff:192.168.0.0/112"] }`);
    expect(config.public.trustedProxies).to.deep.equal(['10.0.0.0/8', '192.168.0.0/16']);
  });

  it('takes HS256 by default with a secret', () => {
    const jwt = (rest: string) => load(`${small}\npublic: { jwt: { issuer: a, audience: b, ${rest} } }`).config.public.jwt?.algorithms;
    expect(jwt('secret: "0123456789012345678901234567890123456789"')).to.deep.equal(['HS256']);
    expect(jwt('jwks: https://id.example.com/jwks')).to.deep.equal(['RS256', 'ES256']);
  });

  it('reads the environment, as the type that is wanted', () => {
    const { config } = load(`${small}\npublic: { listen: { port: "\${PORT}" } }\ntelemetry: { accessLog: "\${LOG}" }`, {
      PORT: '8443',
      LOG: 'false',
    });
    expect(config.public.listen.port).to.equal(8443);
    expect(config.telemetry.accessLog).to.equal(false);
  });

  it('never shows a value that the environment gave', () => {
    const { message } = refusal(
      `${small}\npublic: { rateLimit: "\${SECRET}", jwt: { issuer: a, audience: b, secret: "\${SECRET}" } }\ntelemetry: { otlp: "x\${SECRET}" }`,
      { SECRET: 'hunter2' },
    );
    expect(message.split('\n')).to.have.length(3);
    expect(message).not.to.contain('hunter2');
  });

  it('says everything at once, in the order of the file', () => {
    const { findings, message } = refusal('services: { a: { endpoints: [] } }\nroutes:\n  - { name: a, timout: 1s }\nprvate: {}');
    expect(findings.map(({ line, column }) => `${line}:${column}`)).to.deep.equal(['1:29', '3:5', '3:5', '3:5', '3:16', '4:1']);
    expect(message).to.contain('postern.yaml:3:16 routes[0].timout unknown key');
  });

  it('gives the revision of the text', () => {
    expect(load(small).revision)
      .to.match(/^[0-9a-f]{12}$/)
      .and.to.equal(load(small).revision);
    expect(load(`${small}#`).revision).not.to.equal(load(small).revision);
  });

  it('throws nothing but findings, whatever the text', () => {
    const line = fc.constantFrom(
      'services:',
      'routes:',
      '  - name: a',
      '  a: ',
      '&a',
      '*a',
      '!x',
      '{',
      '}',
      '[',
      ']',
      '? ',
      '---',
      '\t',
      '"',
      ': ',
      '__proto__:',
      '${A}',
      '<<: *a',
      '- ',
      '|',
      '# ',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string()), { maxLength: 12 }), (lines) => {
        for (const separator of ['\n', ' ']) {
          try {
            load(lines.join(separator));
          } catch (problem) {
            expect(problem).to.be.instanceOf(ConfigError);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('does not overflow on deep nesting', () => {
    for (const text of ['['.repeat(5000), '{a: '.repeat(2000), 'services: '.concat('['.repeat(100), ']'.repeat(100))])
      expect(() => load(text)).to.throw(ConfigError);
  });

  describe('from a file', () => {
    const directory = mkdtempSync(join(tmpdir(), 'postern-config-'));
    after(() => rmSync(directory, { recursive: true }));

    it('says where it stands', () => {
      const file = join(directory, 'postern.yaml');
      writeFileSync(file, small);
      expect(loadConfig(file, {})).to.include({ file, directory });
    });

    it('says in one line why it cannot be read', () => {
      expect(() => loadConfig(join(directory, 'missing.yaml'), {})).to.throw(
        ConfigError,
        /^\S+missing\.yaml: cannot be read: there is no such file$/,
      );
      expect(() => loadConfig(directory, {})).to.throw(ConfigError, /it is a directory$/);
      const latin = join(directory, 'latin.yaml');
      writeFileSync(latin, Buffer.from([0x23, 0xe9, 0x0a]));
      expect(() => loadConfig(latin, {})).to.throw(ConfigError, /it is not UTF-8 text$/);
    });

    it('only warns of what this machine lacks for the other gateway', () => {
      const file = join(directory, 'tls.yaml');
      writeFileSync(file, `${small}\nprivate: { listen: { tls: { cert: nope.pem, key: "\${KEY}" } } }`);
      expect(() => loadConfig(file, {}, 'private')).to.throw(ConfigError);
      expect(() => loadConfig(file, {})).to.throw(ConfigError);
      expect(loadConfig(file, {}, 'public').findings.map(({ severity }) => severity)).to.deep.equal(['warning', 'warning']);
    });
  });

  it('does not read for minutes what is no configuration: too large, too many parts, too much wrong', () => {
    const folder = mkdtempSync(join(tmpdir(), 'postern-'));
    const file = join(folder, 'postern.yaml');
    const findings = (text: string | Buffer) => {
      writeFileSync(file, text);
      try {
        return [loadConfig(file, {}).revision];
      } catch (error) {
        return (error as ConfigError).findings.map(({ message }) => message);
      }
    };
    const good = 'services: {}\nroutes: []\n';
    expect(findings(`${good}#${'x'.repeat(1024 * 1024)}`)).to.deep.equal([revisionOf(`${good}#${'x'.repeat(1024 * 1024)}`)]);
    expect(findings(Buffer.alloc(17 * 1024 * 1024, '#'))).to.deep.equal(['cannot be read: it is larger than 16 MiB']);
    for (const much of ['- a\n'.repeat(500_001), `[${'a,'.repeat(500_001)}]`])
      expect(findings(`${good}x:\n${much}`)).to.deep.equal(['has more than 500000 lines and items']);
    const wrong = Array.from({ length: 1_001 }, (_, at) => `k${at}: 1`).join('\n');
    expect(findings(good + wrong).length).to.equal(1_000);
    rmSync(folder, { recursive: true });
  });
});
