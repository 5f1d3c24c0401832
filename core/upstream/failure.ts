/** What went wrong on a connection to a service, by the table of failures. */
import { Problem, type ProblemCode } from '../problem.ts';

const byCode: Readonly<Record<string, ProblemCode>> = {
  ECONNREFUSED: 'connection-refused',
  EHOSTUNREACH: 'connection-refused',
  ENETUNREACH: 'connection-refused',
  EADDRNOTAVAIL: 'connection-refused',
  ECONNRESET: 'connection-terminated',
  EPIPE: 'connection-terminated',
  WIRE_CLOSED: 'connection-terminated',
  ETIMEDOUT: 'connect-timeout',
  // Of several addresses within TLS (endpoint/opener.ts), one of which did not answer.
  UND_ERR_CONNECT_TIMEOUT: 'connect-timeout',
  WIRE_SILENT: 'idle-timeout',
  // What a filter has made of a request, say: no fault of the service.
  WIRE_UNSENDABLE: 'internal-error',
  ENOTFOUND: 'dns-error',
  EAI_AGAIN: 'dns-timeout',
  EPROTO: 'tls-error',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate-error',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate-error',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate-error',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate-error',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate-error',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate-error',
  WIRE_OVERFLOW: 'response-headers-too-large',
  HPE_HEADER_OVERFLOW: 'response-headers-too-large',
};

const byPrefix: readonly (readonly [string, ProblemCode])[] = [
  ['CERT_', 'certificate-error'],
  ['ERR_SSL_', 'tls-error'],
  ['ERR_TLS_', 'tls-error'],
  ['HPE_', 'upstream-protocol-error'],
];

/**
 * @param error what the wire reported
 * @param where the service and the endpoint, for the cause chain that logs show
 */
export function upstreamProblem(error: unknown, where: string): Problem {
  if (error instanceof Problem) return error;
  return new Problem(codeOf(error), { cause: new Error(`${where}: ${messageOf(error)}`, { cause: error }) });
}

function codeOf(error: unknown): ProblemCode {
  // Several addresses were tried, and each failed: the first failure stands for them.
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // Of a connection that stood: the service may have had the request.
  const broke = error instanceof Error && 'syscall' in error && (error.syscall === 'read' || error.syscall === 'write');
  if (broke) return 'connection-terminated';
  return byCode[code] ?? byPrefix.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'upstream-protocol-error';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || String('code' in error ? error.code : error.name) : String(error);
}
