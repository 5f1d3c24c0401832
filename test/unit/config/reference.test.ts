import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { configurationReference } from '../../../core/config/reference.ts';

const readme = join(import.meta.dirname, '../../../README.md');
const between = /<!-- configuration reference: begin -->\n([\s\S]*?)<!-- configuration reference: end -->/;

describe('the configuration reference', () => {
  it('has a table for every section', () => {
    const text = configurationReference();
    for (const section of [
      'services.NAME',
      'services.NAME.timeouts',
      'routes[]',
      'routes[].match',
      'routes[].expose.public',
      'public.jwt',
      'public.listen.tls',
      'private.callers.NAME',
      'telemetry',
    ]) {
      expect(text).to.contain(`### \`${section}\``);
    }
  });

  it('keeps its tables whole', () => {
    for (const line of configurationReference()
      .split('\n')
      .filter((text) => text.startsWith('|'))) {
      expect(line.replaceAll('\\|', '').match(/\|/g), line).to.have.length(5);
    }
  });

  it('stands in the README as the schema has it (npm script: schema --markdown)', () => {
    const [, current] = between.exec(existsSync(readme) ? readFileSync(readme, 'utf8') : '') ?? [];
    // Nothing to compare where the README does not embed it.
    if (current !== undefined) expect(current.trim()).to.equal(configurationReference().trim());
  });
});
