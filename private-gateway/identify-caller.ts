/** Which service is calling: by its source address (ip-range-check), and with mutual TLS by the name in its certificate. */
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { type AddressSet, addressSet } from '../core/address/address-set.ts';
import type { CallerConfig } from '../core/config/schema/index.ts';
import type { Middleware, Principal } from '../core/context.ts';
import { Problem } from '../core/problem.ts';

interface Caller {
  readonly principal: Principal;
  readonly includes: AddressSet | undefined;
  readonly certificate: string | undefined;
}

/** The first caller of the configuration that fits is the one. @throws Problem `unknown-caller` when none does */
export function identifyCaller(callers: Readonly<Record<string, CallerConfig>>): Middleware {
  const known: readonly Caller[] = Object.entries(callers).map(([name, { from, certificate, rateLimit }]) => ({
    principal: { kind: 'caller', name, rateLimit },
    includes: from && addressSet(from),
    certificate: certificate?.toLowerCase(),
  }));
  return function identifyCaller(ctx, next) {
    const { address } = ctx.state.client;
    const caller = known.find(
      ({ includes, certificate }) => (includes?.(address) ?? true) && (certificate === undefined || namesOf(ctx.req).has(certificate)),
    );
    if (!caller) throw new Problem('unknown-caller', { detail: `No caller is configured for ${address}.` });
    ctx.state.principal = caller.principal;
    return next();
  };
}

/**
 * The DNS names of the peer's verified certificate, in lower case, for DNS knows no other (RFC 4343); its common name only when it has none
 * (RFC 9525 section 2).
 */
function namesOf({ socket }: IncomingMessage): ReadonlySet<string> {
  const tls = socket as TLSSocket;
  if (!tls.encrypted || !tls.authorized) return new Set();
  const { subjectaltname = '', subject } = tls.getPeerCertificate();
  // Node writes a comma inside a name as an escape.
  const names = subjectaltname.split(', ').flatMap((entry) => (entry.startsWith('DNS:') ? [entry.slice(4)] : []));
  return new Set((names.length > 0 ? names : [subject?.CN ?? ''].flat()).map((name) => name.toLowerCase()));
}
