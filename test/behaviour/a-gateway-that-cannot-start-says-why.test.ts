import { expect } from 'chai';
import { open } from '../support/gateways.ts';
import { type Kind, launch } from './support/process.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('A gateway that cannot start says why, in one line, and ends', () => {
  const servers = serversOfThisSuite();
  let taken: number;
  let url: string;

  before(async () => {
    taken = (await servers.upstream()).port;
    url = (await servers.upstream()).url;
  });

  const expectEnd = async (kind: Kind, given: Parameters<typeof launch>[2], ...messages: RegExp[]) => {
    const { code, stdout, stderr } = await launch(servers, kind, given).ended;
    expect([code, stdout], stderr).to.deep.equal([1, '']);
    const lines = stderr.split('\n');
    expect(lines.pop()).to.equal('');
    expect(lines.length, stderr).to.equal(messages.length);
    for (const [index, message] of messages.entries()) expect(lines[index]).to.match(message);
  };

  it('a taken port', async () => {
    const listen = { port: taken };
    await Promise.all([
      expectEnd(
        'public',
        open(url, { public: { listen } }),
        new RegExp(`^public-gateway: cannot listen on 127.0.0.1:${taken}: the port is taken$`),
      ),
      expectEnd(
        'private',
        open(url, { private: { admin: listen } }),
        new RegExp(`^private-gateway: cannot listen on 127.0.0.1:${taken}: the port is taken$`),
      ),
    ]);
  });

  it('an address of another machine', async () => {
    const given = open(url, { public: { listen: { host: '192.0.2.1' } } });
    await expectEnd('public', given, /^public-gateway: cannot listen on 192\.0\.2\.1: no such address on this machine$/);
  });

  it('a certificate that is not there', async () => {
    const tls = (file: string) => open(url, { public: { listen: { tls: { cert: file, key: file } } } });
    const both = (problem: RegExp) =>
      ['cert', 'key'].map((name) => new RegExp(`postern\\.yaml:\\d+:\\d+ public\\.listen\\.tls\\.${name} .*${problem.source}`));
    await expectEnd('public', tls('absent.pem'), ...both(/absent\.pem cannot be read: there is no such file/));
  });

  it('a configuration that is wrong', async () => {
    await expectEnd('public', 'services: {}\nroutes: []\npublik: {}\n', /postern\.yaml:3:1 .*publik/);
  });

  it('a filter that is not there', async () => {
    const given = open(url, { route: { filters: ['./absent.ts'] } });
    await expectEnd('public', given, /^\S*postern\.yaml:\d+:\d+ routes\[0\]\.filters\[0\] cannot be used: there is no such file$/);
  });
});
