/** What the admin port refuses, as RFC 9457 documents. The gateways' own table is about traffic, and has statuses of its own. */
import type { Context, Middleware } from 'koa';

export const failures = {
  'bad-request': { status: 400, title: 'Bad request' },
  'contract-violated': { status: 400, title: 'The request does not fit the contract of the admin API' },
  unauthenticated: { status: 401, title: 'The token of the admin API is required' },
  forbidden: { status: 403, title: 'Forbidden' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  conflict: { status: 409, title: 'It cannot be changed here' },
  'read-only': { status: 409, title: 'The configuration cannot be written' },
  'precondition-failed': { status: 412, title: 'The configuration has another revision by now' },
  'body-too-large': { status: 413, title: 'Request body too large' },
  'unsupported-media-type': { status: 415, title: 'Unsupported media type' },
  'configuration-refused': { status: 422, title: 'The configuration would not do' },
  'precondition-required': { status: 428, title: 'Say which revision is to be changed: If-Match' },
  'rate-limited': { status: 429, title: 'Too many wrong tokens' },
  'internal-error': { status: 500, title: 'Internal error' },
  'not-in-force': { status: 500, title: 'It is written, but not in force' },
  busy: { status: 503, title: 'Another writer is at it' },
} as const;

export type AdminCode = keyof typeof failures;

export interface AdminProblemOptions {
  readonly detail?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Members beside the standard ones. */
  readonly members?: Readonly<Record<string, unknown>>;
}

export class AdminProblem extends Error {
  readonly code: AdminCode;
  readonly options: AdminProblemOptions;

  constructor(code: AdminCode, options: AdminProblemOptions = {}) {
    super(options.detail ?? failures[code].title);
    this.name = 'AdminProblem';
    this.code = code;
    this.options = options;
  }
}

/** Answers what is thrown below, and what nobody answered. */
export function adminProblems(onFault: (error: unknown) => void): Middleware {
  return async function adminProblems(ctx, next) {
    try {
      await next();
      if (ctx.status === 404 && ctx.body == null) tell(ctx, new AdminProblem('not-found'));
      if ((ctx.status === 405 || ctx.status === 501) && ctx.body == null) tell(ctx, new AdminProblem('method-not-allowed'));
    } catch (error) {
      if (!(error instanceof AdminProblem)) onFault(error);
      tell(ctx, error instanceof AdminProblem ? error : new AdminProblem('internal-error'));
    }
  };
}

function tell(ctx: Context, { code, options: { detail, headers = {}, members = {} } }: AdminProblem): void {
  const { status, title } = failures[code];
  ctx.status = status;
  ctx.set({ 'Cache-Control': 'no-store', ...headers });
  ctx.body = { type: `urn:problem-type:${code}`, title, status, ...(detail === undefined ? {} : { detail }), code, ...members };
  ctx.type = 'application/problem+json';
}
