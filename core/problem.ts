/**
 * The one table of failures. Anything may throw a `Problem`; `middleware/problems.ts` alone answers it, as RFC 9457
 * (problem details) and RFC 9209 (Proxy-Status). Nobody else picks a status.
 */

interface Failure {
  readonly status: number;
  readonly title: string;
  /** The RFC 9209 error type; absent where the gateway itself decided and no proxy error happened. */
  readonly proxyError?: string;
  /** Who failed: what classification, metrics and logs read. */
  readonly source: 'client' | 'gateway' | 'upstream';
}

export const failures = {
  'bad-request': { status: 400, title: 'Bad request', proxyError: 'http_request_error', source: 'client' },
  'ambiguous-target': { status: 400, title: 'Ambiguous request target', proxyError: 'http_request_error', source: 'client' },
  'invalid-host': { status: 400, title: 'Invalid host', proxyError: 'http_request_error', source: 'client' },
  'client-closed': { status: 400, title: 'The client closed the connection', proxyError: 'http_request_error', source: 'client' },
  unauthenticated: { status: 401, title: 'Authentication required', source: 'client' },
  'invalid-token': { status: 401, title: 'Invalid access token', source: 'client' },
  'insufficient-scope': { status: 403, title: 'Insufficient scope', proxyError: 'http_request_denied', source: 'client' },
  forbidden: { status: 403, title: 'Forbidden', proxyError: 'http_request_denied', source: 'client' },
  'unknown-caller': { status: 403, title: 'Unknown caller', proxyError: 'http_request_denied', source: 'client' },
  'no-route': { status: 404, title: 'Not found', source: 'client' },
  'method-not-allowed': { status: 405, title: 'Method not allowed', source: 'client' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive', proxyError: 'http_request_error', source: 'client' },
  'caller-gone': {
    status: 504,
    title: 'The caller does not wait any longer',
    proxyError: 'http_response_timeout',
    source: 'client',
  },
  'body-too-large': { status: 413, title: 'Request body too large', proxyError: 'http_request_error', source: 'client' },
  'contract-violated': {
    status: 400,
    title: 'The request does not fit the contract of the service',
    proxyError: 'http_request_error',
    source: 'client',
  },
  'no-operation': { status: 404, title: 'The contract of the service has no such operation', source: 'client' },
  'unsupported-media-type': { status: 415, title: 'Unsupported media type', proxyError: 'http_request_error', source: 'client' },
  'target-too-long': { status: 414, title: 'Request target too long', proxyError: 'http_request_error', source: 'client' },
  'rate-limited': { status: 429, title: 'Too many requests', source: 'client' },
  'headers-too-large': { status: 431, title: 'Request headers too large', proxyError: 'http_request_error', source: 'client' },
  'internal-error': { status: 500, title: 'Internal error', proxyError: 'proxy_internal_error', source: 'gateway' },
  'authentication-unavailable': {
    status: 503,
    title: 'Authentication is unavailable',
    proxyError: 'proxy_internal_error',
    source: 'gateway',
  },
  'not-implemented': { status: 501, title: 'Not implemented', proxyError: 'http_request_error', source: 'client' },
  // The client's, for anybody can send a Via that says so; of a true loop, the round before fails with this one's 502.
  loop: { status: 502, title: 'The request loops through this gateway', proxyError: 'proxy_loop_detected', source: 'client' },
  'connection-refused': { status: 502, title: 'The service refused the connection', proxyError: 'connection_refused', source: 'upstream' },
  'connection-terminated': {
    status: 502,
    title: 'The service cut the connection',
    proxyError: 'connection_terminated',
    source: 'upstream',
  },
  'connect-timeout': { status: 504, title: 'Connecting to the service timed out', proxyError: 'connection_timeout', source: 'upstream' },
  'attempt-timeout': { status: 504, title: 'The service did not answer in time', proxyError: 'http_response_timeout', source: 'upstream' },
  'deadline-exceeded': { status: 504, title: 'The request ran out of time', proxyError: 'http_response_timeout', source: 'upstream' },
  'idle-timeout': { status: 504, title: 'The service fell silent', proxyError: 'connection_read_timeout', source: 'upstream' },
  'dns-error': { status: 502, title: 'The service name does not resolve', proxyError: 'dns_error', source: 'upstream' },
  'dns-timeout': { status: 504, title: 'Resolving the service name timed out', proxyError: 'dns_timeout', source: 'upstream' },
  'tls-error': { status: 502, title: 'TLS with the service failed', proxyError: 'tls_protocol_error', source: 'upstream' },
  'certificate-error': {
    status: 502,
    title: 'The certificate of the service is not valid',
    proxyError: 'tls_certificate_error',
    source: 'upstream',
  },
  'upstream-protocol-error': {
    status: 502,
    title: 'The service broke the protocol',
    proxyError: 'http_protocol_error',
    source: 'upstream',
  },
  'filter-failed': { status: 500, title: 'A filter failed', proxyError: 'proxy_internal_error', source: 'gateway' },
  'fault-injected': { status: 503, title: 'A failure was asked for', proxyError: 'proxy_internal_response', source: 'gateway' },
  'contract-broken': {
    status: 502,
    title: 'The answer of the service does not fit its contract',
    proxyError: 'http_protocol_error',
    source: 'upstream',
  },
  'part-unavailable': {
    status: 502,
    title: 'A part of the answer could not be had',
    proxyError: 'http_response_incomplete',
    source: 'upstream',
  },
  'response-incomplete': {
    status: 502,
    title: 'The answer of the service was cut',
    proxyError: 'http_response_incomplete',
    source: 'upstream',
  },
  'response-headers-too-large': {
    status: 502,
    title: 'The headers of the service are too large',
    proxyError: 'http_response_header_section_size',
    source: 'upstream',
  },
  'upgrade-failed': { status: 502, title: 'The service did not upgrade as asked', proxyError: 'http_upgrade_failed', source: 'upstream' },
  'no-endpoint': {
    status: 503,
    title: 'No endpoint of the service is available',
    proxyError: 'destination_unavailable',
    source: 'gateway',
  },
  'circuit-open': {
    status: 503,
    title: 'The circuit breaker of the service is open',
    proxyError: 'destination_unavailable',
    source: 'gateway',
  },
  'concurrency-limited': {
    status: 503,
    title: 'The service has as many requests as it can take',
    proxyError: 'connection_limit_reached',
    source: 'gateway',
  },
  // RFC 9111 section 5.2.1.7.
  'not-stored': {
    status: 504,
    title: 'Nothing stored can answer, and nothing else was asked for',
    proxyError: 'proxy_internal_response',
    source: 'client',
  },
  overloaded: { status: 503, title: 'The gateway is overloaded', proxyError: 'connection_limit_reached', source: 'gateway' },
} as const satisfies Record<string, Failure>;

export type ProblemCode = keyof typeof failures;

export interface ProblemOptions {
  /** One sentence for the caller. The public gateway shows it only for failures whose source is the client. */
  detail?: string;
  /** Seconds for `Retry-After`. */
  retryAfter?: number;
  /** Header fields the answer must carry, e.g. `WWW-Authenticate` or `Allow`. */
  headers?: Readonly<Record<string, string>>;
  /** Members beside the standard ones of RFC 9457, e.g. `violated-policies`. */
  members?: Readonly<Record<string, unknown>>;
  /** In place of the table's: only where the configuration names it (a fault that is injected). */
  status?: number;
  /** Replaces the default problem type URI. */
  type?: string;
  cause?: unknown;
}

/** A failure with a name of the table. Its cause chain is for logs, never for the public side. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly options: ProblemOptions;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(options.detail ?? failures[code].title, { cause: options.cause });
    this.name = 'Problem';
    this.code = code;
    this.options = options;
  }

  /** What it is answered with. */
  get status(): number {
    return this.options.status ?? this.failure.status;
  }

  get failure(): Failure {
    return failures[this.code];
  }
}

/** The problem type of a refusal that will pass (draft-ietf-httpapi-ratelimit-headers, the twin of `quota-exceeded`). */
export const REDUCED_CAPACITY = 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity';

/** Whatever was thrown, as a `Problem`: unknown errors are internal errors and keep their cause. */
export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem('internal-error', { cause: error });
}
