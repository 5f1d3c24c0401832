import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { failures } from '../../core/problem.ts';

describe('the table of failures', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, section = ''] = /\n### What failures look like\n(.*?)\n## /s.exec(readme) ?? [];
  const rows = section.split('\n').flatMap((line) => {
    const [, codes, statuses] = /^\| (`[^|]*) \| ([\d, ]+) \|/.exec(line) ?? [];
    return codes === undefined || statuses === undefined
      ? []
      : [{ codes: [...codes.matchAll(/[a-z-]+/g)].map(String), statuses: statuses.split(', ') }];
  });

  it('is in the README, every code with its status, and no code that is not', () => {
    const told = rows.flatMap(({ codes }) => codes);
    expect(told).to.have.members(Object.keys(failures));
    for (const [code, { status }] of Object.entries(failures))
      expect(rows.find(({ codes }) => codes.includes(code))?.statuses, code).to.include(String(status));
  });

  it('has Proxy-Status for all but the statuses that the README names', () => {
    const without = Object.values(failures).flatMap((failure) => ('proxyError' in failure ? [] : [failure.status]));
    const named = /\(RFC 9209\), which ([\d, and]+) are not/.exec(section.replaceAll('\n', ' '))?.[1]?.match(/\d+/g);
    expect(named?.map(Number)).to.have.members([...new Set(without)]);
  });
});
