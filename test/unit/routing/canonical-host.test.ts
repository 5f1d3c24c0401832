import { expect } from 'chai';
import fc from 'fast-check';
import { asProblem, Problem } from '../../../core/problem.ts';
import { canonicalHost } from '../../../core/routing/canonical-path.ts';

describe('canonicalHost', () => {
  const valid = {
    'api.test': { host: 'api.test', port: undefined },
    'API.Test:8080': { host: 'api.test', port: 8080 },
    'api.test.': { host: 'api.test', port: undefined },
    'api.test.:80': { host: 'api.test', port: 80 },
    'api.test:': { host: 'api.test', port: undefined },
    localhost: { host: 'localhost', port: undefined },
    '127.0.0.1:4001': { host: '127.0.0.1', port: 4001 },
    'a_b.x-y.test': { host: 'a_b.x-y.test', port: undefined },
    'xn--caf-dma.test': { host: 'xn--caf-dma.test', port: undefined },
    '[::1]': { host: '[::1]', port: undefined },
    '[2001:DB8:0:0::1]:443': { host: '[2001:db8::1]', port: 443 },
    '[::ffff:127.0.0.1]': { host: '[::ffff:7f00:1]', port: undefined },
  };
  for (const [value, host] of Object.entries(valid)) it(`reads ${value}`, () => expect(canonicalHost(value)).to.deep.equal(host));

  const misshapen = String.raw`. .. :80 a@b evil:x@good a/b a\b a?b a#b a,b a;b a'b a%2eb a..b .a a:b a:-1 a:65536 a:123456 a:80:80`;
  const noAddress = '::1 [::1 ::1] [] [::1]a [::1%eth0] [v1.a] [127.0.0.1]';
  const tooLong = [`${'a'.repeat(64)}.test`, `${'a.'.repeat(127)}test`, 'a'.repeat(70_000)];
  const invalid = [...misshapen.split(' '), ...noAddress.split(' '), ...tooLong, '', ' ', 'a b', ' a', 'a, b', 'café', 'a\0', 'a\n'];
  for (const value of invalid) {
    it(`refuses ${JSON.stringify(value.slice(0, 30))}`, () => {
      expect(() => canonicalHost(value))
        .to.throw(Problem)
        .with.property('code', 'invalid-host');
      expect(() => canonicalHost(value), 'the second time').to.throw(Problem);
    });
  }

  it('gives the same answer however often it is asked, and however many others were', () => {
    for (let count = 0; count < 1000; count++) {
      expect(canonicalHost(`h${count}.test:80`)).to.deep.equal({ host: `h${count}.test`, port: 80 });
      expect(canonicalHost('Api.Test')).to.deep.equal({ host: 'api.test', port: undefined });
    }
  });

  it('gives a host that is canonical itself, or refuses', () => {
    const piece = fc.constantFrom('a', 'B', '1', '.', '-', '_', ':', '80', '[', ']', '::', '@', '/', '%', ' ', 'f');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
          fc.string(),
        ),
        (value) => {
          try {
            const { host } = canonicalHost(value);
            expect(host).to.match(/^(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])$/);
            expect(canonicalHost(host)).to.deep.equal({ host, port: undefined });
          } catch (error) {
            expect(asProblem(error).code).to.equal('invalid-host');
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
