// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is what the configuration has
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import { parse } from 'yaml';
import { formats } from '../../../core/config/formats.ts';
import { jsonSchema } from '../../../core/config/json-schema.ts';

const root = join(import.meta.dirname, '../../..');
const accepts = new Ajv({ strict: true, strictTypes: false, allErrors: true }).compile(jsonSchema());

function errorsOf(text: string): string[] {
  accepts(parse(text));
  return (accepts.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe('the JSON Schema for editors', () => {
  it('is draft-07 and has no formats that an editor would read otherwise', () => {
    expect(jsonSchema().$schema).to.equal('http://json-schema.org/draft-07/schema#');
    expect(JSON.stringify(jsonSchema())).not.to.contain('"format"');
  });

  it('asks for nothing that has a default', () => {
    expect(jsonSchema().required).to.deep.equal(['services', 'routes']);
    expect(errorsOf('services: {}\nroutes: []')).to.deep.equal([]);
  });

  it('accepts the reference and the example', () => {
    for (const file of ['test/config/reference.yaml', 'test/config/environment.yaml', 'deploy/example/postern.yaml'].filter((name) =>
      existsSync(join(root, name)),
    )) {
      expect(errorsOf(readFileSync(join(root, file), 'utf8')), file).to.deep.equal([]);
    }
  });

  it('flags wrong units, words and keys', () => {
    const head = 'services: {}\nroutes: []\n';
    for (const wrong of [
      'public: { rateLimit: 20 }',
      'public: { limits: { body: 10MB } }',
      'public: { drain: { grace: 5 } }',
      'telemetry: { sampling: "10" }',
      'telemtry: {}',
      'public: { listen: { port: eighty } }',
    ]) {
      expect(errorsOf(head + wrong), wrong).not.to.deep.equal([]);
    }
  });

  it('lets the environment stand for any value', () => {
    expect(
      errorsOf(
        'services: {}\nroutes: []\npublic: { listen: { port: "${PORT}" }, rateLimit: "${RATE:-5/s}" }\ntelemetry: { accessLog: "${LOG}" }',
      ),
    ).to.deep.equal([]);
  });

  it('describes every key', () => {
    const silent: string[] = [];
    const visit = (node: ReturnType<typeof jsonSchema> | object, path: string): void => {
      for (const [key, child] of Object.entries(node)) {
        if (key === 'properties')
          for (const [name, inner] of Object.entries(child as object))
            if (typeof (inner as { description?: unknown }).description !== 'string' && !path.endsWith('NAME'))
              silent.push(`${path}.${name}`);
        if (typeof child === 'object' && child !== null) visit(child as object, key === 'properties' ? path : `${path}.${key}`);
      }
    };
    visit(jsonSchema(), '');
    expect(silent).to.deep.equal([]);
  });

  it('has patterns that accept no less than the loader', () => {
    const samples: Readonly<Record<string, readonly string[]>> = {
      duration: ['250ms', '1.5s', '1h'],
      size: ['512B', '1.5MiB'],
      rate: ['100/s'],
      percentage: ['0.5%'],
      'endpoint-url': ['http://a:1', 'wss://[::1]:2/'],
      'http-url': ['https://a.example/x?y'],
      origin: ['*', 'https://a.example', 'app://localhost'],
      'path-pattern': ['/a/{b}', '~/a.*'],
      'path-prefix': ['/', '/a/{b}'],
      'path-template': ['/{claims.sub}/a{b}'],
      'host-pattern': ['*', '*.a.example', '[::1]', 'localhost'],
      cidr: ['10.0.0.0/8', '::ffff:1.2.3.4', 'fd00::/64'],
      method: ['GET', 'M-SEARCH'],
      token: ['x-request-id'],
    };
    for (const [name, texts] of Object.entries(samples)) {
      for (const text of texts) {
        expect(formats[name]?.wrong(text), `${name} ${text}`).to.equal(null);
        expect(text, name).to.match(new RegExp(formats[name]?.pattern ?? '', 'u'));
      }
    }
  });
});
