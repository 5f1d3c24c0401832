import { expect } from 'chai';
import { Problem } from '../../../core/problem.ts';
import { upstreamProblem } from '../../../core/upstream/failure.ts';

const withCode = (code: string, message = 'it broke') => Object.assign(new Error(message), { code });
const codeOf = (error: unknown) => upstreamProblem(error, 'service orders: endpoint a:1').code;

describe('upstreamProblem', () => {
  for (const [code, name] of [
    ['ECONNREFUSED', 'connection-refused'],
    ['EHOSTUNREACH', 'connection-refused'],
    ['ECONNRESET', 'connection-terminated'],
    ['EPIPE', 'connection-terminated'],
    ['WIRE_CLOSED', 'connection-terminated'],
    ['ETIMEDOUT', 'connect-timeout'],
    ['UND_ERR_CONNECT_TIMEOUT', 'connect-timeout'],
    ['ENOTFOUND', 'dns-error'],
    ['EAI_AGAIN', 'dns-timeout'],
    ['EPROTO', 'tls-error'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls-error'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate-error'],
    ['CERT_HAS_EXPIRED', 'certificate-error'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate-error'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate-error'],
    ['HPE_INVALID_CONSTANT', 'upstream-protocol-error'],
    ['HPE_HEADER_OVERFLOW', 'response-headers-too-large'],
    ['WIRE_OVERFLOW', 'response-headers-too-large'],
    ['WIRE_SILENT', 'idle-timeout'],
    ['WIRE_MALFORMED', 'upstream-protocol-error'],
    ['WIRE_UNSENDABLE', 'internal-error'],
    ['EVERYTHING_ELSE', 'upstream-protocol-error'],
  ] as const)
    it(`${code} is ${name}`, () => expect(codeOf(withCode(code))).to.equal(name));

  for (const [code, name] of [
    ['ETIMEDOUT', 'connect-timeout'],
    ['EHOSTUNREACH', 'connection-refused'],
    ['ENETUNREACH', 'connection-refused'],
    ['ECONNRESET', 'connection-terminated'],
  ] as const)
    it(`${code} while connecting is ${name}; on a connection that stood, where the service may have had the request, connection-terminated`, () => {
      const during = (syscall: string) => codeOf(Object.assign(withCode(code), { syscall }));
      expect(['connect', 'read', 'write'].map(during)).to.deep.equal([name, 'connection-terminated', 'connection-terminated']);
    });

  it('several addresses that failed are the first of them', () => {
    expect(codeOf(new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')]))).to.equal('connection-refused');
    expect(codeOf(new AggregateError([]))).to.equal('upstream-protocol-error');
  });

  it('what is a problem already stays the one it is', () => {
    const problem = new Problem('attempt-timeout');
    expect(upstreamProblem(problem, 'anywhere')).to.equal(problem);
  });

  it('keeps where it happened and what was said, for the log', () => {
    const error = withCode('ECONNRESET', 'read ECONNRESET');
    const { cause } = upstreamProblem(error, 'service orders: endpoint a:1');
    expect(cause).to.be.instanceOf(Error).and.include({ message: 'service orders: endpoint a:1: read ECONNRESET' });
    expect((cause as Error).cause).to.equal(error);
  });

  it('whatever is thrown', () => {
    for (const thrown of ['text', undefined, null, 7, {}, new Error('')]) expect(codeOf(thrown)).to.equal('upstream-protocol-error');
  });
});
