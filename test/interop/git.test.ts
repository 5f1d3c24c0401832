/** git clones from and pushes to its own http-backend through the private gateway, from an allowed address and no other. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { openBench } from './support/bench.ts';
import { startForwarder } from './support/forwarder.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { run } from './support/program.ts';
import { type GitServer, git, startGitServer } from './support/repository.ts';

describe('git over smart HTTP through the private gateway', () => {
  const bench = openBench();
  let server: GitServer;
  let gateway: Gateway;
  let work: string;
  let remote: string;

  before(async () => {
    server = await startGitServer(bench);
    work = await bench.directory();
    const file = await bench.file(
      'postern.yaml',
      `
services:
  code: { endpoints: ['${server.url}'] }
routes:
  - name: code
    match: { pathPrefix: /git }
    service: code
    expose: { private: { callers: [builder] } }
private:
  listen: { host: 127.0.0.1, port: 0 }
  callers: { builder: { from: [127.0.0.1], rateLimit: 100000/s } }
  limits: { body: 50MiB }
  admin: { host: 127.0.0.1, port: 0 }
`,
    );
    gateway = await startGateway(bench, 'private-gateway', file);
    remote = `${gateway.url}/git/hello.git`;
  });
  after(() => bench.clear());

  /** The commit a branch of a repository points at. */
  async function commit(repository: string, branch: string): Promise<string> {
    const { code, output } = await git(['-C', repository, 'rev-parse', branch]);
    expect(code, output).to.equal(0);
    return output;
  }

  async function push(name: string, content: Buffer | string): Promise<void> {
    const directory = join(work, 'seed');
    await writeFile(join(directory, name), content);
    for (const args of [
      ['add', name],
      ['commit', '--quiet', '-m', `add ${name}`],
      ['push', remote, 'main'],
    ]) {
      const { code, output } = await git(['-C', directory, ...args]);
      expect(code, output).to.equal(0);
    }
  }

  it('pushes a first commit', async () => {
    await git(['init', '--quiet', '--initial-branch=main', join(work, 'seed')]);
    await push('README.md', '# hello\n');
    expect(await commit(server.repository, 'main')).to.equal(await commit(join(work, 'seed'), 'main'));
  });

  it('pushes a pack so large that git sends it in chunks of unknown length', async () => {
    await push('noise.bin', randomBytes(8 << 20));
    expect(await commit(server.repository, 'main')).to.equal(await commit(join(work, 'seed'), 'main'));
  });

  it('clones all of it, whole', async () => {
    const { code, output } = await git(['clone', '--quiet', remote, join(work, 'clone')]);
    expect(code, output).to.equal(0);
    expect(await commit(join(work, 'clone'), 'main')).to.equal(await commit(server.repository, 'main'));
    const check = await git(['-C', join(work, 'clone'), 'fsck', '--full', '--strict']);
    expect(check.code, check.output).to.equal(0);
  });

  it('fetches what came after, with a request so long that git compresses it', async () => {
    const clone = join(work, 'clone');
    for (let n = 0; n < 40; n++) await git(['-C', clone, 'commit', '--allow-empty', '--quiet', '-m', `local ${n}`]);
    await push('note.md', 'note\n');
    const { code, output } = await git(['-C', clone, 'fetch', 'origin'], { GIT_TRACE_CURL: '1' });
    expect(code, output).to.equal(0);
    expect(output).to.contain('Content-Encoding: gzip');
    expect(await commit(clone, 'origin/main')).to.equal(await commit(server.repository, 'main'));
  });

  it('refuses a clone from an address no caller has, and leaves the backend alone', async () => {
    const before = server.lighttpd.requests().length;
    const stranger = await startForwarder(bench, '127.0.0.2', Number(new URL(gateway.url).port));
    const { code, output } = await git(['clone', '--quiet', `${stranger}/git/hello.git`, join(work, 'stolen')]);
    expect(code).not.to.equal(0);
    expect(output).to.contain('403');
    expect(server.lighttpd.requests()).to.have.length(before);
  });

  it('tells curl from that address why', async () => {
    const before = server.lighttpd.requests().length;
    const { code, output } = await run('curl', [
      '--silent',
      '--noproxy',
      '*',
      '--interface',
      '127.0.0.2',
      '--include',
      `${remote}/info/refs?service=git-upload-pack`,
    ]);
    expect(code, output).to.equal(0);
    expect(output)
      .to.match(/^HTTP\/1\.1 403 /)
      .and.to.contain('application/problem+json')
      .and.to.contain('"unknown-caller"');
    expect(server.lighttpd.requests()).to.have.length(before);
  });
});
