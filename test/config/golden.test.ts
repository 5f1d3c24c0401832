/**
 * Configurations and what is said of them: `NAME.yaml` and `NAME.expected.txt`. With UPDATE_GOLDEN=1 in the environment the
 * expectations are written anew, to be read in the difference.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { checkRoutes } from '../../core/check/routes.ts';
import { ConfigError, formatFinding } from '../../core/config/finding.ts';
import { parseConfig } from '../../core/config/load.ts';
import { readContracts } from '../../core/contract/contracts.ts';
import { loadFilters } from '../../core/filter/check.ts';

const directory = import.meta.dirname;
const environment = {
  PORT: '8443',
  WEIGHT: '3',
  COUNT: 'three',
  FLAG: 'true',
  EMPTY: '',
  SECRET: 'a secret of thirty-two bytes, or more',
  SHORT: 'too short',
  TTL: '5',
};

describe('configurations', () => {
  for (const file of readdirSync(directory)
    .filter((name) => name.endsWith('.yaml'))
    .sort()) {
    it(file.replace('.yaml', '').replaceAll('-', ' '), async () => {
      const golden = join(directory, file.replace('.yaml', '.expected.txt'));
      const said = await whatIsSaidOf(file);
      if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, said);
      expect(said).to.equal(readFileSync(golden, 'utf8'));
    });
  }
});

async function whatIsSaidOf(file: string): Promise<string> {
  // Relative names begin at the file, wherever this checkout is.
  const plain = (text: string): string => text.replaceAll(`${directory}/`, '').replaceAll(directory, '.');
  try {
    const loaded = parseConfig(readFileSync(join(directory, file), 'utf8'), {
      file: join(directory, file),
      environment,
      accompany: readContracts,
    });
    const findings = [...loaded.findings, ...checkRoutes(loaded)];
    (await loadFilters({ ...loaded, findings })).close();
    const end = findings.some(({ severity }) => severity === 'error') ? '' : 'ok\n';
    return `${findings.map((finding) => `${plain(formatFinding(finding))}\n`).join('')}${end}`;
  } catch (problem) {
    if (!(problem instanceof ConfigError)) throw problem;
    return `${plain(problem.message)}\n`;
  }
}
