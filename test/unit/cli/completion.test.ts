import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from './a-terminal.ts';

describe('completion', function () {
  // Shells have to start, at times on a busy machine.
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), 'postern-completion-'));
  after(() => rmSync(directory, { recursive: true }));
  for (const name of ['one.yaml', 'two words.yaml', 'other.txt', '*', '$(touch hacked)', "`it's`"])
    writeFileSync(join(directory, name), '');

  before(async () => {
    for (const shell of ['bash', 'zsh']) writeFileSync(join(directory, `_${shell}`), (await run(['completion', shell])).out);
  });

  /** What bash offers for the last word. */
  const offered = (...words: string[]): string[] => {
    const script = `source ./_bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _postern_public; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script, 'bash', 'postern-public', ...words], {
      cwd: directory,
      encoding: 'utf8',
    });
    expect(stderr.replaceAll(/.*compopt.*\n/g, '')).to.equal('');
    return stdout.split('\n').filter(Boolean);
  };

  it('offers commands in bash', () => {
    expect(offered('')).to.include.members(['start', 'check', 'routes', 'explain', 'schema', 'completion', 'version']);
    expect(offered('ch')).to.deep.equal(['check']);
  });

  it('offers the options of the command in bash', () => {
    expect(offered('check', '--')).to.include.members(['--config', '--format', '--diff', '--fail-on-wider', '--help']);
    expect(offered('check', '--fa')).to.deep.equal(['--fail-on-wider']);
    expect(offered('schema', '-')).to.deep.equal(['--markdown', '--help']);
  });

  it('offers files where files are taken in bash', () => {
    expect(offered('check', '-c', 'o')).to.have.members(['one.yaml', 'other.txt']);
    expect(offered('routes', '--config', '=', 'two')).to.deep.equal(['two words.yaml']);
    expect(offered('check', '--diff', 'one.yaml', 'tw')).to.deep.equal(['two words.yaml']);
    expect(offered('version', 'o')).to.deep.equal([]);
    // As they are: neither patterns nor commands.
    expect(offered('check', '-c', '*')).to.deep.equal(['*']);
    expect(offered('check', '-c', '')).to.include.members(['*', '$(touch hacked)', "`it's`", 'one.yaml']);
    expect(offered('check', '-c', '')).to.have.length(8);
    expect(existsSync(join(directory, 'hacked'))).to.equal(false);
  });

  it('offers the words there are in bash', () => {
    expect(offered('check', '--format', '')).to.deep.equal(['text', 'json']);
    expect(offered('check', '--format', '=', 'j')).to.deep.equal(['json']);
    expect(offered('explain', '-c', 'one.yaml', 'P')).to.deep.equal(['POST', 'PUT', 'PATCH']);
    expect(offered('explain', 'GET', 'P')).to.deep.equal([]);
    expect(offered('completion', '')).to.deep.equal(['bash', 'zsh']);
  });

  it('exits 2 for a shell that it does not know', async () => {
    expect((await run(['completion', 'fish'])).code).to.equal(2);
  });

  describe('in zsh', () => {
    before(function () {
      if (spawnSync('zsh', ['--version']).error === undefined) return;
      process.stdout.write('      left out: zsh is not installed\n');
      this.skip();
    });

    /** What stands on the line of an interactive zsh when the key for completion has been pressed. */
    const completed = (typed: string): string => {
      const script = `
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell "PS1=; unset zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; source ./_zsh; bindkey '^X' accept-line; echo rea''dy"
        zpty -r -m shell output '*ready*' || exit 1
        zpty -w shell "finish() { print -r -- \\"<<\\$BUFFER>>\\"; zle .kill-buffer }; zle -N finish; bindkey '^F' finish; echo bou''nd"
        zpty -r -m shell output '*bound*' || exit 1
        zpty -w -n shell ${`$'${typed}\\t\\x06'`}
        zpty -r -m shell output '*<<*>>*' || exit 1
        print -r -- "$output"
      `;
      const { stdout } = spawnSync('zsh', ['-f', '-c', script], { cwd: directory, encoding: 'utf8', timeout: 50_000 });
      return /<<(.*)>>/.exec(stdout)?.[1] ?? stdout;
    };

    const cases: [string, string][] = [
      ['postern-public ch', 'postern-public check '],
      ['postern-public check --fa', 'postern-public check --fail-on-wider '],
      ['postern-public check -c on', 'postern-public check -c one.yaml '],
      ['postern-public check --format=j', 'postern-public check --format=json '],
      ['postern-public explain DEL', 'postern-public explain DELETE '],
    ];
    for (const [typed, line] of cases) it(`completes ${typed}`, () => expect(completed(typed)).to.equal(line));
  });
});
