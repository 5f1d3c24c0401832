import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { padEnd, plain, printable, shortened, widthOf } from '../../../core/cli/plain.ts';
import { run } from './a-terminal.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

describe('text of strangers on a terminal', () => {
  it('has nothing in it that moves the cursor', () => {
    expect(plain('a\u001b[2J\u009b\r\n\u202eb\u2028')).to.equal('a?[2J????b?');
    expect(printable('a\n\tb\u001b\u0007\u009bc')).to.equal('a\n\tb???c');
  });

  it('takes the room that it takes', () => {
    expect([widthOf('abc'), widthOf('日本'), widthOf('e\u0301'), widthOf('🦊')]).to.deep.equal([3, 4, 1, 2]);
    expect(padEnd('日本', 6)).to.equal('日本  ');
    expect([shortened('日本語', 6), shortened('日本語', 5), shortened('日本語', 4), shortened('日本語', 1)]).to.deep.equal([
      '日本語',
      '日本…',
      '日…',
      '…',
    ]);
  });

  it('is told without them: findings, routes, what a change opens', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'postern-plain-'));
    after(() => rmSync(directory, { recursive: true }));
    const file = (name: string, text: string) => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    };
    const broken = file('broken.yaml', 'services: {}\nroutes:\n  - { name: a, match: { path: /a }, service: "x\\e]0;y\\a", expose: {} }\n');
    const whole = (query: string, access: string) =>
      `public: { jwt: { issuer: i, audience: a, jwks: "https://i.test/k" } }\nservices: { s: { endpoints: ["http://127.0.0.1:1"] } }\nroutes:\n  - { name: a, match: { path: /a, queryParams: { q: "${query}" } }, service: s, expose: { public: ${access} } }\n`;
    const before = file('before.yaml', whole('\\e[2J', '{ scopes: ["\\e[31m"] }'));
    const now = file('now.yaml', whole('\\e[2J', '{ access: anonymous }'));
    for (const argv of [
      ['check', '-c', broken],
      ['start', '-c', broken],
      ['routes', '-c', before],
      ['check', '--diff', before, now],
    ]) {
      const { out, err } = await run(argv);
      expect(out + err, argv.join(' ')).to.match(/\?\]0;|\?\[2J|\?\[31m/);
      expect(out + err).not.to.match(CONTROL);
    }
  });
});
