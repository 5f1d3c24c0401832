/** The composition, held against the schema that Compose publishes, and its gateways' configuration. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { parse } from 'yaml';
import { run } from '../support/program.ts';

const root = join(import.meta.dirname, '../../..');
const folder = join(root, 'deploy/compose');

describe('with Compose', () => {
  const composition: unknown = parse(readFileSync(join(folder, 'compose.yaml'), 'utf8'), { merge: true });

  it('the composition is what its schema takes', () => {
    const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../.cache/schemas/compose-spec.json'), 'utf8'));
    delete schema.$schema;
    const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
    expect(ajv.validate(schema, composition), ajv.errorsText()).to.equal(true);
  });

  for (const gateway of ['public', 'private']) {
    it(`the ${gateway} gateway takes its configuration`, async () => {
      const { code, output } = await run(process.execPath, [
        join(root, `${gateway}-gateway/main.ts`),
        'check',
        '-c',
        join(folder, 'postern.yaml'),
      ]);
      expect(code, output).to.equal(0);
    });
  }
});
